-- Stores a value for a time, whoever else is building it.
-- Called by app/pg/cache.py and SQL functions that know the value already.
-- Raises nothing.
create function cache.put(p_key text, p_value jsonb, p_ttl interval) returns void
language sql as $$
  insert into public.cache_data (key, value, fresh_until, expires_at)
  values (p_key, p_value, clock_timestamp() + p_ttl, clock_timestamp() + p_ttl)
  on conflict (key) do update
    set value = excluded.value, fresh_until = excluded.fresh_until, expires_at = excluded.expires_at,
        lease_token = null, lease_until = null
$$;
