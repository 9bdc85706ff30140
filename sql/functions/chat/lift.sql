-- Lets somebody write again; what was hidden stays hidden. Lifting nothing changes nothing; false then.
-- Called by chat.unban and ops.unban, which hold the chat.
-- Raises nothing.
create function chat.lift(p_live lives, p_actor bigint, p_target bigint) returns boolean
language plpgsql as $$
begin
  delete from chat_bans b where b.live_id = p_live.id and b.user_id = p_target;
  if not found then
    return false;
  end if;
  perform chat.log(p_live.id, p_actor, 'unban', p_target);
  perform rt.publish('user:' || p_target, 'chat:unrestricted', jsonb_build_object('live', p_live.public_id));
  return true;
end $$;
