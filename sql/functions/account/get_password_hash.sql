-- The password hash of a user, to check the present password before a change.
-- Called by POST /api/auth/password/change.
-- Raises nothing.
create function account.get_password_hash(p_user_id bigint) returns text language sql stable as $$
  select u.password_hash from users u where u.id = p_user_id
$$;
