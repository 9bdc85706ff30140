-- On a miss or a stale value: asks to be the one builder. token is null when another builds (or just built).
-- Called by app/pg/cache.py.
-- Raises nothing.
create function cache.lease(p_key text, p_hold interval default '10 s')
returns table (token bigint, value jsonb, is_fresh boolean)
language sql as $$
  with up as (
    insert into public.cache_data as c (key, expires_at, lease_token, lease_until)
    values (p_key, clock_timestamp() + p_hold, nextval('cache.lease_token'), clock_timestamp() + p_hold)
    on conflict (key) do update
      set lease_token = excluded.lease_token, lease_until = excluded.lease_until,
          expires_at = greatest(c.expires_at, excluded.expires_at),
          -- A longer life for the row must not bring an expired value back.
          value = case when c.expires_at > clock_timestamp() then c.value end
      where (c.lease_token is null or c.lease_until < clock_timestamp()) and c.fresh_until <= clock_timestamp()
    returning c.lease_token, c.value
  )
  select up.lease_token, up.value, false from up
  union all
  select null, c.value, c.fresh_until > clock_timestamp() from public.cache_data c
  where c.key = p_key and not exists (select 1 from up)
$$;
