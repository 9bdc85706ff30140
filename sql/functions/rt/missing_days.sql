-- Days between two, both included, that have no table of rt.event yet.
-- Called by rt.ensure_partitions.
-- Raises nothing.
create function rt.missing_days(p_from date, p_to date) returns table (day date)
language sql as $$
  -- Reads the catalogue itself: to_regclass() would remember a "no" from before a lock was waited for.
  select g::date from generate_series(p_from, p_to, interval '1 day') g
  where not exists (select 1 from pg_class c where c.relnamespace = 'rt'::regnamespace
                      and c.relname = 'event_' || to_char(g, 'YYYYMMDD'))
$$;
