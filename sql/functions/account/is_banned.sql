-- Whether a user may not be here; true for nobody.
-- Called by account.refresh.
-- Raises nothing.
create function account.is_banned(p_user_id bigint) returns boolean language sql stable as $$
  select coalesce((select u.is_banned from users u where u.id = p_user_id), true)
$$;
