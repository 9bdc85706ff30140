-- Makes the table of schedules equal to the list in the code; operators' own rows and switches stay.
-- Called by app/pg/cron.py at start, with [{name, every_seconds|expr, tz, queue, kind, payload, next_at}].
-- Raises nothing.
create function q.list_crons(p_list jsonb) returns void
language sql as $$
  delete from q.cron c where c.is_listed and c.name not in (select x ->> 'name' from jsonb_array_elements(p_list) x);
  insert into q.cron as c (name, every_seconds, expr, tz, queue, kind, payload, is_listed, next_at)
  select x.name, x.every_seconds, x.expr, x.tz, x.queue, x.kind, x.payload, true, x.next_at
  from jsonb_to_recordset(p_list) as x(name text, every_seconds integer, expr text, tz text, queue text, kind text,
                                       payload jsonb, next_at timestamptz)
  order by x.name
  on conflict (name) do update
    set every_seconds = excluded.every_seconds, expr = excluded.expr, tz = excluded.tz, queue = excluded.queue,
        kind = excluded.kind, payload = excluded.payload, is_listed = true,
        -- A changed rhythm starts anew; an unchanged one keeps its beat across restarts.
        next_at = case when (c.every_seconds, c.expr, c.tz)
                            is distinct from (excluded.every_seconds, excluded.expr, excluded.tz)
                       then excluded.next_at else c.next_at end;
$$;
