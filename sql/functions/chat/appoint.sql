-- Gives somebody the right to moderate a live and tells them and the others who do; false when they had it.
-- Called by chat.add_moderator and ops.set_moderator, which hold the chat.
-- Raises nothing.
create function chat.appoint(p_live lives, p_actor bigint, p_target bigint) returns boolean
language plpgsql as $$
begin
  insert into chat_moderators (live_id, user_id) values (p_live.id, p_target) on conflict do nothing;
  if not found then
    return false;
  end if;
  perform chat.log(p_live.id, p_actor, 'add_moderator', p_target);
  perform rt.publish('live:' || p_live.public_id || ':mod', 'chat:moderators',
    jsonb_build_object('user_id', p_target, 'is_moderator', true));
  perform rt.publish('user:' || p_target, 'chat:moderator',
    jsonb_build_object('live', p_live.public_id, 'is_moderator', true));
  return true;
end $$;
