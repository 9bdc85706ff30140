-- What people see of their own account.
-- Called by GET /api/auth/me and by every answer that carries it.
-- Raises not_found.
create function account.me(p_user_id bigint)
returns table (id bigint, username text, display_name text, bio text, email text, is_email_verified boolean, role text,
  avatar_url text, locale text, created_at timestamptz, storage_used_bytes bigint, storage_quota_bytes bigint)
language plpgsql stable as $$
begin
  return query select u.id, u.username, u.display_name, u.bio, u.email, u.email_verified_at is not null, u.role,
    '/media/' || u.avatar_key, u.locale, u.created_at, u.storage_used_bytes, u.storage_quota_bytes
  from users u where u.id = p_user_id;
  if not found then
    perform util.fail(404, 'not_found');
  end if;
end $$;
