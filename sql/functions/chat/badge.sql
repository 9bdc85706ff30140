-- What somebody is in a live's chat: owner, moderator, or null.
-- Called by chat.message_json, by functions that moderate and where it is asked who may see a live.
-- Raises nothing.
create function chat.badge(p_live bigint, p_user bigint) returns text
language sql stable as $$
  select case when l.owner_id = p_user then 'owner'
    when exists (select from chat_moderators m where m.live_id = l.id and m.user_id = p_user) then 'moderator' end
  from lives l where l.id = p_live
$$;
