-- One turn of a worker: acknowledges finished jobs and claims more, of several queues, in one commit.
-- Called by app/pg/queue.py. Returns acknowledged jobs (is_done) and claimed ones. An acknowledgement for a
-- job that was taken over is not returned: that work does not count. Raises nothing.
create function q.turn(p_instance bigint, p_done_queue smallint[], p_done_priority smallint[], p_done_id bigint[],
  p_queue smallint[], p_want integer[])
returns table (is_done boolean, queue smallint, priority smallint, id bigint, kind text, payload jsonb,
  attempt smallint, max_attempts smallint, created_at timestamptz)
language plpgsql
-- The planner cannot know how many p_want asks for, assumes a tenth of the table, and would read all of it.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_live bigint[];
begin
  if cardinality(p_done_id) > 0 then
    return query
    with d as (
      delete from q.job j using unnest(p_done_queue, p_done_priority, p_done_id) as t(queue, priority, id)
      where j.queue = t.queue and j.priority = t.priority and j.id = t.id and j.leased_by = p_instance
      returning j.queue, j.priority, j.id, j.ukey
    ), u as (
      delete from q.uniq using d where q.uniq.ukey = d.ukey and q.uniq.job_id = d.id
    )
    select true, d.queue, d.priority, d.id, null::text, null::jsonb, null::smallint, null::smallint,
           null::timestamptz
    from d;
  end if;
  if cardinality(p_want) > 0 then
    -- A dead process's jobs are claimable the moment its lease ends; nobody has to reap them.
    select coalesce(array_agg(i.id), '{}') into v_live from rt.instance i where i.lease_until > clock_timestamp();
    return query
    with c as materialized (
      select j.queue, j.priority, j.id
      from unnest(p_queue, p_want) as w(queue, want)
      join q.queue k on k.id = w.queue and not k.is_paused
      cross join lateral (
        select j.queue, j.priority, j.id from q.job j
        where j.queue = w.queue and (j.leased_by is null or j.leased_by <> all (v_live))
        order by j.priority, j.id limit w.want for update skip locked
      ) j
    )
    update q.job j set leased_by = p_instance, leased_at = clock_timestamp(), attempt = j.attempt + 1
    from c where j.queue = c.queue and j.priority = c.priority and j.id = c.id
    returning false, j.queue, j.priority, j.id, j.kind, j.payload, j.attempt, j.max_attempts, j.created_at;
  end if;
end $$;
