-- Forgets jobs that died before a time; returns how many.
-- Called hourly by app/pg/upkeep.py.
-- Raises nothing.
create function q.purge(p_before timestamptz) returns integer
language sql as $$
  with d as (delete from q.dead where died_at < p_before returning 1) select count(*)::integer from d
$$;
