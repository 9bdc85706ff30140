-- Lets a user write in a live again; what was hidden stays hidden.
-- Called by operators in psql: select ops.unban('name', 'live id');
-- Raises not_found.
create function ops.unban(p_user text, p_live text) returns text language plpgsql as $$
begin
  return format(case when chat.lift(ops.open_chat(p_live), null, chat.find_user(p_user))
    then '%s may write in %s again' else '%s was not banned in %s' end, p_user, p_live);
end $$;
