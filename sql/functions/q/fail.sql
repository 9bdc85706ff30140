-- Ends a try that failed: schedules the next one with backoff, or buries the job. Returns what became of each.
-- Called by app/pg/queue.py. Null delay means 2 s doubled per try up to an hour, spread by a quarter.
-- Raises nothing. `p_error` is {code, message}; its time is the database's. A job that was taken over by another process is left alone.
create function q.fail(p_instance bigint, p_queue smallint[], p_priority smallint[], p_id bigint[], p_error jsonb[],
  p_delay_seconds float8[], p_give_up boolean[])
returns table (id bigint, outcome text, run_at timestamptz)
language sql as $$
  with d as (
    delete from q.job j
    using unnest(p_queue, p_priority, p_id, p_error, p_delay_seconds, p_give_up)
            as t(queue, priority, id, error, delay, give_up)
    where j.queue = t.queue and j.priority = t.priority and j.id = t.id and j.leased_by = p_instance
    returning j.*, t.error || jsonb_build_object('at', now()) as error, coalesce(t.give_up, false) or j.attempt >= coalesce(j.max_attempts, 20) as is_dead,
      coalesce(t.delay, least(3600, 2 * power(2, least(j.attempt, 20) - 1)) * (0.75 + random() * 0.5)) as delay
  ), s as (
    insert into q.scheduled
      (id, run_at, queue, priority, kind, payload, attempt, max_attempts, ukey, created_at, last_error)
    select id, now() + make_interval(secs => delay), queue, priority, kind, payload, attempt, max_attempts, ukey,
           created_at, error
    from d where not is_dead
    returning id, run_at
  ), x as (
    insert into q.dead (id, queue, priority, kind, payload, attempt, max_attempts, ukey, created_at, last_error)
    select id, queue, priority, kind, payload, attempt, max_attempts, ukey, created_at, error from d where is_dead
    returning id, ukey
  ), u as (
    delete from q.uniq using x where q.uniq.ukey = x.ukey and q.uniq.job_id = x.id
  )
  select s.id, 'retry', s.run_at from s union all select x.id, 'dead', null from x
$$;
