-- Lets somebody moderate a live, or no more.
-- Called by operators in psql: select ops.set_moderator('name', 'live id'); and with false to take it away.
-- Raises not_found.
create function ops.set_moderator(p_user text, p_live text, p_is_moderator boolean default true) returns boolean
language plpgsql as $$
declare
  v_live lives := ops.open_chat(p_live);
  v_target bigint := chat.find_user(p_user);
begin
  return case when p_is_moderator then chat.appoint(v_live, null, v_target)
    else chat.drop_moderator(v_live, null, v_target) end;
end $$;
