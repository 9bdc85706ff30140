-- The message another one answers, as {"reply": {"seq","name","text"}}; its text is empty when it was deleted.
-- Called by chat.message_json.
-- Raises nothing.
create function chat.quote(p_live bigint, p_seq bigint) returns jsonb
language sql stable as $$
  select jsonb_build_object('reply', jsonb_build_object('seq', m.seq, 'name', u.username,
    'text', case when m.deleted_at is null then left(m.text, 120) else '' end))
  from chat_messages m join users u on u.id = m.user_id where m.live_id = p_live and m.seq = p_seq
$$;
