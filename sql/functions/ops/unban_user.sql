-- Lets a suspended account sign in again.
-- Called by operators in psql: select ops.unban_user('name');
-- Raises not_found.
create function ops.unban_user(p_username text) returns text language plpgsql as $$
begin
  update users set is_banned = false, ban_reason = null, updated_at = now() where lower(username) = lower(p_username);
  if not found then
    perform util.fail(404, 'not_found', 'There is no user of that name.');
  end if;
  return p_username || ' may sign in again';
end $$;
