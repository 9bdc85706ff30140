-- A live whose chat the caller moderates, its chat taken until the end of the transaction.
-- Called by every function that moderates.
-- Raises not_found (also for what the caller may not see), forbidden.
create function chat.moderated(p_live text, p_actor bigint) returns lives
language plpgsql as $$
declare
  v_live lives := live.visible_live(p_live, p_actor);
begin
  perform chat.lock_rooms(array[p_live]);
  if not chat.may_moderate(v_live.id, p_actor) then
    perform util.fail(403, 'forbidden');
  end if;
  return v_live;
end $$;
