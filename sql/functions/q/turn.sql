-- One turn of a worker: acknowledges finished jobs and claims more, of several queues, in one commit.
-- Called by app/pg/queue.py. Returns the jobs claimed, and (without a kind) those whose acknowledgement is refused
-- because another process took them over. Raises nothing.
--
-- p_part_…: stretches of a queue to walk, each from after (priority, id) to the end of a last priority. A worker
-- leaves out what it has walked: rows it deleted stay in the index while any old snapshot is open, and walking them
-- anew each time is what makes such queues slow. Without stretches the whole queue is walked.
-- is_lost: its last worker fell silent in the middle of it.
create function q.turn(p_instance bigint, p_done_queue smallint[], p_done_priority smallint[], p_done_id bigint[],
  p_queue smallint[], p_want integer[], p_part_queue smallint[] default null, p_part_priority smallint[] default null,
  p_part_id bigint[] default null, p_part_last smallint[] default null)
returns table (id bigint, queue smallint, priority smallint, kind text, payload text, attempt smallint,
  max_attempts smallint, is_lost boolean, waited_seconds float8)
language plpgsql
-- The planner cannot know how many p_want asks for, assumes a tenth of the table, and would read all of it.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  v_live bigint[];
  v_gone bigint[];
begin
  if cardinality(p_done_id) > 0 then
    with d as (
      delete from q.job j using unnest(p_done_queue, p_done_priority, p_done_id) as t(queue, priority, id)
      where j.queue = t.queue and j.priority = t.priority and j.id = t.id and j.leased_by = p_instance
      returning j.id, j.ukey
    ), u as (
      delete from q.uniq using d where q.uniq.ukey = d.ukey and q.uniq.job_id = d.id
    )
    select coalesce(array_agg(d.id), '{}') into v_gone from d;
    if cardinality(v_gone) < cardinality(p_done_id) then
      return query
      select t.id, t.queue, t.priority, null::text, null::text, null::smallint, null::smallint, null::boolean,
             null::float8
      from unnest(p_done_queue, p_done_priority, p_done_id) as t(queue, priority, id) where t.id <> all (v_gone);
    end if;
  end if;
  if cardinality(p_queue) > 0 then
    -- A dead process's jobs are claimable the moment its lease ends; nobody has to reap them.
    select coalesce(array_agg(i.id), '{}') into v_live from rt.instance i where i.lease_until > clock_timestamp();
    p_want := q.bounded(p_queue, p_want, v_live);
    if p_part_queue is null then
      p_part_queue := p_queue;
      p_part_priority := array_fill((-32768)::smallint, array[cardinality(p_queue)]);
      p_part_id := array_fill(-1::bigint, array[cardinality(p_queue)]);
      p_part_last := array_fill(32767::smallint, array[cardinality(p_queue)]);
    end if;
    return query
    with c as materialized (
      select j.at, j.is_lost
      from unnest(p_queue, p_want) as w(queue, want)
      join q.queue k on k.id = w.queue and not k.is_paused
      cross join lateral (
        select p.* from unnest(p_part_queue, p_part_priority, p_part_id, p_part_last)
                          as s(queue, priority, id, last)
        cross join lateral (
          select j.ctid as at, j.leased_by is not null as is_lost from q.job j
          where j.queue = s.queue and j.priority <= s.last and (j.priority, j.id) > (s.priority, s.id)
            and (j.leased_by is null or j.leased_by <> all (v_live))
          order by j.priority, j.id limit w.want for update skip locked
        ) p
        where s.queue = w.queue limit w.want
      ) j
    )
    update q.job j set leased_by = p_instance, leased_at = clock_timestamp(), attempt = j.attempt + 1
    from c where j.ctid = c.at
    returning j.id, j.queue, j.priority, j.kind, j.payload::text, j.attempt, j.max_attempts, c.is_lost,
      extract(epoch from clock_timestamp() - j.created_at)::float8;
  end if;
end $$;
