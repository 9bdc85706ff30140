-- Stores many values, each a JSON text for a time in seconds, whoever else is building them. Keys must be distinct.
-- Called by app/pg/cache.py with all stores of one moment.
-- Raises nothing of its own; a text that is no JSON is refused by PostgreSQL.
create function cache.put_many(p_keys text[], p_values text[], p_ttl_seconds float8[]) returns void
language plpgsql as $$
begin
  -- Sorted against deadlocks between two of these.
  insert into public.cache_data (key, value, fresh_until, expires_at)
  select t.key, t.value::jsonb, clock_timestamp() + make_interval(secs => t.ttl),
         clock_timestamp() + make_interval(secs => t.ttl)
  from unnest(p_keys, p_values, p_ttl_seconds) as t(key, value, ttl) order by t.key
  on conflict (key) do update
    set value = excluded.value, fresh_until = excluded.fresh_until, expires_at = excluded.expires_at,
        lease_token = null, lease_until = null;
  -- The trigger's two pages are for a row or a few. A page for each four rows still walks the table several times
  -- while it is written once, and costs a tenth of the batch; two for each row cost as much as the rest of it.
  if cardinality(p_keys) > 8 then
    perform cache.evict(cardinality(p_keys) / 4);
  end if;
end $$;
