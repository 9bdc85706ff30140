-- Posts a message that was held.
-- Called by chat.review, which holds the chat.
-- Raises nothing.
create function chat.release(p_live lives, p_held chat_held) returns void
language plpgsql as $$
declare
  v_quote jsonb := coalesce((
    select chat.quote(m.live_id, m.seq) from chat_messages m join chat_rules r on r.live_id = m.live_id
    where m.live_id = p_live.id and m.seq = p_held.reply_to and m.seq > r.cleared_seq and m.deleted_at is null), '{}');
  v_data jsonb := (
    select jsonb_build_object('by', chat.by_json(u.id, u.username, u.display_name, chat.badge(p_live.id, u.id))::jsonb,
      'text', p_held.text) || v_quote
    from users u where u.id = p_held.user_id);
begin
  insert into chat_messages (live_id, seq, user_id, at, text, reply_to, cid)
  select p_live.id, a.seq, p_held.user_id, a.at, p_held.text, (v_quote #>> '{reply,seq}')::bigint, p_held.cid
  from rt.append(array['live:' || p_live.public_id], array['chat:message'], array[v_data]) a;
end $$;
