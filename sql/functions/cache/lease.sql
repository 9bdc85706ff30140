-- On a miss or a stale value: asks to be the one builder of each key. token is null when another builds (or just built).
-- Called by app/pg/cache.py with all keys of one moment.
-- Raises nothing.
create function cache.lease(p_keys text[], p_hold interval default '10 s')
returns table (key text, token bigint, value jsonb, is_fresh boolean)
language sql as $$
  with up as (
    insert into public.cache_data as c (key, expires_at, lease_token, lease_until)
    select k, clock_timestamp() + p_hold, nextval('cache.lease_token'), clock_timestamp() + p_hold
    from (select distinct k from unnest(p_keys) k) x order by k
    on conflict (key) do update
      set lease_token = excluded.lease_token, lease_until = excluded.lease_until,
          expires_at = greatest(c.expires_at, excluded.expires_at),
          -- A longer life for the row must not bring an expired value back.
          value = case when c.expires_at > clock_timestamp() then c.value end
      where (c.lease_token is null or c.lease_until < clock_timestamp()) and c.fresh_until <= clock_timestamp()
    returning c.key, c.lease_token, c.value
  )
  select up.key, up.lease_token, up.value, false from up
  union all
  select c.key, null, c.value, c.fresh_until > clock_timestamp() from public.cache_data c
  where c.key = any (p_keys) and not exists (select 1 from up where up.key = c.key)
$$;
