-- Takes the pin off a message whose number lies between two; tells it.
-- Called by functions that take messages away or pins off; they hold the chat. True when there was one.
-- Raises nothing.
create function chat.unpin_where(p_live lives, p_from bigint, p_to bigint) returns boolean
language plpgsql as $$
begin
  update chat_rules r set pinned_seq = null where r.live_id = p_live.id and r.pinned_seq between p_from and p_to;
  if not found then
    return false;
  end if;
  perform rt.publish('live:' || p_live.public_id, 'chat:unpinned', '{}');
  return true;
end $$;
