-- Removes what nobody needs any more: used-up tickets' leftovers, passing events, counts nobody tells any
-- more, processes gone for an hour.
-- Called every minute by app/pg/upkeep.py.
-- Raises nothing.
create function rt.purge(p_now timestamptz default now()) returns integer
language sql as $$
  with t as (delete from rt.ticket where expires_at < p_now returning 1),
  b as (delete from rt.blob where at < p_now - interval '10 seconds' returning 1),
  w as (delete from rt.viewers where at < p_now - interval '1 minute' returning 1),
  i as (delete from rt.instance where lease_until < p_now - interval '1 hour' returning 1)
  select ((select count(*) from t) + (select count(*) from b) + (select count(*) from w) + (select count(*) from i))::integer
$$;
