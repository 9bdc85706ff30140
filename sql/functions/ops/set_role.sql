-- Makes somebody a user, moderator or admin; takes effect within 5 seconds, without a new sign-in.
-- Called by operators in psql: select ops.set_role('name', 'moderator');
-- Raises not_found, invalid.
create function ops.set_role(p_username text, p_role text) returns text language plpgsql as $$
begin
  if p_role is null or p_role not in ('user', 'moderator', 'admin') then
    perform util.fail(422, 'invalid', 'A role is user, moderator or admin.');
  end if;
  update users set role = p_role, updated_at = now() where lower(username) = lower(p_username);
  if not found then
    perform util.fail(404, 'not_found', 'There is no user of that name.');
  end if;
  return p_username || ' is now ' || p_role;
end $$;
