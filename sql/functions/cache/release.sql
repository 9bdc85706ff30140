-- Ends a builder's lease without a value, so that another may try at once.
-- Called by app/pg/cache.py when a build failed.
-- Raises nothing.
create function cache.release(p_key text, p_token bigint) returns void
language sql as $$
  update public.cache_data set lease_token = null, lease_until = null where key = p_key and lease_token = p_token
$$;
