-- Makes keys invalid, inside the transaction that changes what they hold. Leaves a mark for a minute:
-- its row lock makes a lease wait for this commit, and a build that began before cannot be stored.
-- Called by SQL functions that change cached things. Raises nothing.
create function cache.drop(p_keys text[]) returns void
language sql as $$
  insert into public.cache_data (key, expires_at)
  select k, clock_timestamp() + interval '1 minute' from (select distinct k from unnest(p_keys) k) x order by k
  on conflict (key) do update
    set value = null, fresh_until = '-infinity', expires_at = excluded.expires_at,
        lease_token = null, lease_until = null
$$;
