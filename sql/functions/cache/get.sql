-- Values of these keys that have not expired, and for how long each is still fresh (less than 0: stale). Never writes.
-- Called by app/pg/cache.py.
-- Raises nothing.
create function cache.get(p_keys text[]) returns table (key text, value jsonb, fresh_seconds float8)
language sql stable as $$
  select c.key, c.value, greatest(extract(epoch from c.fresh_until - now()), -1)::float8 from public.cache_data c
  where c.key = any (p_keys) and c.value is not null and c.expires_at > now()
$$;
