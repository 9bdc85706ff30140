-- Forgets events applied before a time, at most p_limit; returns how many.
-- Called hourly by app/pg/upkeep.py. Senders repeat for days at most, so keep longer than that.
-- Raises nothing.
create function inbox.purge(p_before timestamptz, p_limit integer default 10000) returns integer
language sql as $$
  with d as (
    delete from public.inbox where id in (
      select i.id from public.inbox i where i.applied_at < p_before limit p_limit)
    returning 1
  )
  select count(*)::integer from d
$$;
