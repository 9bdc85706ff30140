-- Silences a user in a live for a time, or for good without one, and hides what they wrote there.
-- Called by operators in psql: select ops.ban('name', 'live id', '10 minutes', 'spam');
-- Raises not_found.
create function ops.ban(p_user text, p_live text, p_for interval default null, p_reason text default '') returns text
language plpgsql as $$
declare
  v_live lives := ops.open_chat(p_live);
begin
  perform chat.restrict(v_live, null, chat.find_user(p_user), p_for, coalesce(p_reason, ''));
  return format('%s may not write in %s %s', p_user, p_live, coalesce('for ' || p_for::text, 'any more'));
end $$;
