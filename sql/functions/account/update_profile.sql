-- Changes what people say about themselves; null leaves a value as it is.
-- Called by PATCH /api/users/me.
-- Raises nothing.
create function account.update_profile(p_user_id bigint, p_display_name text, p_bio text, p_locale text) returns void
language sql as $$
  update users set display_name = coalesce(p_display_name, display_name), bio = coalesce(p_bio, bio),
    locale = coalesce(p_locale, locale), updated_at = now()
  where id = p_user_id
$$;
