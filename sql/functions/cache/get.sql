-- Values of these keys that have not expired, and whether each is still fresh. Never writes.
-- Called by app/pg/cache.py.
-- Raises nothing.
create function cache.get(p_keys text[]) returns table (key text, value jsonb, is_fresh boolean)
language sql stable as $$
  select c.key, c.value, c.fresh_until > now() from public.cache_data c
  where c.key = any (p_keys) and c.value is not null and c.expires_at > now()
$$;
