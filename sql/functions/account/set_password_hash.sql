-- Stores a fresher hash of the same password.
-- Called by POST /api/auth/login when the parameters of hashing changed.
-- Raises nothing.
create function account.set_password_hash(p_user_id bigint, p_old_hash text, p_new_hash text) returns void
language sql as $$
  -- Only over the hash that was checked: a password changed meanwhile stays.
  update users set password_hash = p_new_hash where id = p_user_id and password_hash = p_old_hash
$$;
