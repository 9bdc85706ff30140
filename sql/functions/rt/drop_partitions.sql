-- Drops the days of rt.event that end before a time; returns how many. Gives up at once where a long reader
-- is in the way, so that no insert ever queues behind it; the next call tries again.
-- Called hourly by app/pg/upkeep.py. Raises nothing.
create function rt.drop_partitions(p_before timestamptz) returns integer
language plpgsql as $$
declare
  v_name text;
  v_dropped integer := 0;
begin
  perform set_config('lock_timeout', '100ms', true);
  for v_name in
    -- Materialized: a planner that reads pg_class first would look for dates in the names of other tables.
    with days as materialized (
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'rt.event'::regclass
    )
    select relname from days
    where (to_date(right(relname, 8), 'YYYYMMDD') + 1)::timestamp at time zone 'utc' <= p_before
    order by relname
  loop
    begin
      -- Another process may have dropped it while this one waited.
      execute format('drop table if exists rt.%I', v_name);
      v_dropped := v_dropped + 1;
    exception when lock_not_available then
      return v_dropped;
    end;
  end loop;
  return v_dropped;
end $$;
