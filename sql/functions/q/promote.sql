-- Moves jobs whose time has come to the claimable ones; returns queues and numbers, for the doorbell.
-- Called each second by app/pg/upkeep.py.
-- Raises nothing.
create function q.promote(p_limit integer default 1000, p_now timestamptz default now())
returns table (queue text, n bigint)
language sql as $$
  with d as (
    delete from q.scheduled s where s.id in (
      select x.id from q.scheduled x where x.run_at <= p_now order by x.run_at limit p_limit
      for update skip locked)
    returning s.*
  ), i as (
    insert into q.job (queue, priority, id, kind, payload, attempt, max_attempts, ukey, created_at, last_error)
    select queue, priority, id, kind, payload, attempt, max_attempts, ukey, created_at, last_error from d
    returning queue
  )
  select k.name, count(*) from i join q.queue k on k.id = i.queue group by k.name
$$;
