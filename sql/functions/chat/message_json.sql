-- One message as history shows it; a deleted one without its text.
-- Called by chat.list_messages and live.live_json.
-- Raises nothing.
create function chat.message_json(p_message chat_messages) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'seq', p_message.seq,
    'at', util.utc_text(p_message.at),
    'by', chat.by_json(u.id, u.username, u.display_name, chat.badge(p_message.live_id, u.id))::jsonb,
    'text', case when p_message.deleted_at is null then p_message.text else '' end,
    'edited', p_message.edited_at is not null,
    'deleted', p_message.deleted_by)
    || case when p_message.reply_to is null or p_message.deleted_at is not null then '{}'
      else coalesce(chat.quote(p_message.live_id, p_message.reply_to), '{}') end
  from users u where u.id = p_message.user_id
$$;
