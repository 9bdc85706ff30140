-- A live whose chat the caller moderates, for reading.
-- Called by functions that show what is the moderators' business.
-- Raises not_found (also for what the caller may not see), forbidden.
create function chat.watched(p_live text, p_actor bigint) returns lives
language plpgsql stable as $$
declare
  v_live lives := live.visible_live(p_live, p_actor);
begin
  if chat.badge(v_live.id, p_actor) is null then
    perform util.fail(403, 'forbidden');
  end if;
  return v_live;
end $$;
