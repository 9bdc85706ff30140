-- Makes the daily tables of rt.event from yesterday to p_days ahead (UTC days); returns how many were new.
-- Called by the migrator and each minute by app/pg/upkeep.py.
-- Raises nothing; a caller may run it beside others.
create function rt.ensure_partitions(p_days integer default 7, p_now timestamptz default now()) returns integer
language plpgsql as $$
declare
  v_today date := (p_now at time zone 'utc')::date;
  v_day date;
  v_made integer := 0;
begin
  -- Twenty processes may start at once: the second looks again after the first is done.
  if exists (select 1 from rt.missing_days(v_today - 1, v_today + p_days)) then
    perform pg_advisory_xact_lock(hashtext('rt.ensure_partitions'));
  end if;
  for v_day in select day from rt.missing_days(v_today - 1, v_today + p_days) loop
    -- Made apart and attached: "partition of" would lock readers and writers of all days out for a moment, and
    -- make them queue behind it while it waits for a long reader.
    execute format('create table rt.%I (like rt.event)', 'event_' || to_char(v_day, 'YYYYMMDD'));
    execute format('alter table rt.event attach partition rt.%I for values from (%L) to (%L)',
                   'event_' || to_char(v_day, 'YYYYMMDD'), v_day::timestamp at time zone 'utc',
                   (v_day + 1)::timestamp at time zone 'utc');
    v_made := v_made + 1;
  end loop;
  return v_made;
end $$;
