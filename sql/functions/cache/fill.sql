-- Stores what a builder built, unless its lease ended or the key was dropped meanwhile; true when stored.
-- Called by app/pg/cache.py.
-- Raises nothing.
create function cache.fill(p_key text, p_token bigint, p_value jsonb, p_fresh interval, p_stale interval)
returns boolean
language sql as $$
  with u as (
    update public.cache_data
    set value = p_value, fresh_until = clock_timestamp() + p_fresh,
        expires_at = clock_timestamp() + p_fresh + p_stale, lease_token = null, lease_until = null
    where key = p_key and lease_token = p_token
    returning 1
  )
  select exists (select 1 from u)
$$;
