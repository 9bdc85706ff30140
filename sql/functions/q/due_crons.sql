-- Schedules whose time has come, with the database's clock.
-- Called each second by app/pg/cron.py in the leading process.
-- Raises nothing.
create function q.due_crons(p_now timestamptz default now())
returns table (name text, every_seconds integer, expr text, tz text, queue text, next_at timestamptz,
  now_at timestamptz)
language sql stable as $$
  select c.name, c.every_seconds, c.expr, c.tz, c.queue, c.next_at, p_now from q.cron c
  where c.is_enabled and c.next_at <= p_now order by c.next_at
$$;
