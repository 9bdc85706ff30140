-- Makes a user and returns the id. A confirmed one (p_is_verified) must be the only one with that address.
-- Called by account.register and `python -m app create-admin`.
-- Raises username_taken; conflict when a confirmed address is taken.
create function account.create_user(p_username text, p_email text, p_password_hash text, p_display_name text,
  p_locale text, p_quota_bytes bigint, p_role text default 'user', p_is_verified boolean default false)
returns bigint language plpgsql as $$
declare
  v_id bigint;
begin
  insert into users (username, email, password_hash, display_name, locale, storage_quota_bytes, role, email_verified_at)
  values (p_username, p_email, p_password_hash, coalesce(nullif(p_display_name, ''), p_username), p_locale,
    p_quota_bytes, p_role, case when p_is_verified then now() end)
  on conflict (lower(username)) do nothing
  returning id into v_id;
  if v_id is null then
    perform util.fail(409, 'username_taken', null, '{"username": "username_taken"}');
  end if;
  return v_id;
end $$;
