-- A person in a moderator's list.
-- Called by chat.list_moderators, chat.list_bans and chat.list_audit.
-- Raises nothing; null for null.
create function chat.person_json(p_user bigint) returns jsonb
language sql stable as $$
  select media.owner_json(u.username, u.display_name, u.avatar_key)::jsonb from users u where u.id = p_user
$$;
