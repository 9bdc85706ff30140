-- Takes the right to moderate a live away and tells whom it was taken from and the others; false when they had none.
-- Called by chat.remove_moderator, chat.restrict and ops.set_moderator, which hold the chat.
-- Raises nothing.
create function chat.drop_moderator(p_live lives, p_actor bigint, p_target bigint) returns boolean
language plpgsql as $$
begin
  delete from chat_moderators m where m.live_id = p_live.id and m.user_id = p_target;
  if not found then
    return false;
  end if;
  perform chat.log(p_live.id, p_actor, 'remove_moderator', p_target);
  perform rt.publish('live:' || p_live.public_id || ':mod', 'chat:moderators',
    jsonb_build_object('user_id', p_target, 'is_moderator', false));
  perform rt.publish('user:' || p_target, 'chat:moderator',
    jsonb_build_object('live', p_live.public_id, 'is_moderator', false));
  return true;
end $$;
