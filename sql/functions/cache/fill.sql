-- Stores what builders built, unless a lease ended or a key was dropped meanwhile; returns the keys stored.
-- Called by app/pg/cache.py with all builds of one moment: JSON texts, and how many seconds fresh, then stale.
-- Raises nothing of its own; a text that is no JSON is refused by PostgreSQL.
create function cache.fill(p_keys text[], p_tokens bigint[], p_values text[], p_fresh float8[], p_stale float8[])
returns setof text
language sql as $$
  with built as materialized (
    -- Locked in order, against deadlocks with drops and stores.
    select c.key, t.value, t.fresh, t.stale
    from unnest(p_keys, p_tokens, p_values, p_fresh, p_stale) as t(key, token, value, fresh, stale)
    join public.cache_data c on c.key = t.key and c.lease_token = t.token
    order by c.key for update of c
  )
  update public.cache_data c
  set value = b.value::jsonb, fresh_until = clock_timestamp() + make_interval(secs => b.fresh),
      expires_at = clock_timestamp() + make_interval(secs => b.fresh + b.stale), lease_token = null, lease_until = null
  from built b where c.key = b.key
  returning c.key
$$;
