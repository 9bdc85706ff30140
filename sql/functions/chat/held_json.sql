-- A message that waits for a moderator.
-- Called by chat.list_held.
-- Raises nothing.
create function chat.held_json(p_held chat_held) returns jsonb
language sql stable as $$
  select jsonb_build_object('id', p_held.id, 'by', chat.by_json(u.id, u.username, u.display_name, null)::jsonb,
    'text', p_held.text, 'why', p_held.why, 'created_at', util.utc_text(p_held.created_at))
  from users u where u.id = p_held.user_id
$$;
