-- Adds many jobs in one statement; returns an id for each in the order given, null for a duplicate key.
-- Called by app/pg/queue.py. Arrays after the first three may be shorter: the rest is null.
-- Raises unknown_queue.
create function q.enqueue_many(p_queue text[], p_kind text[], p_payload jsonb[],
  p_run_at timestamptz[] default null, p_ukey text[] default null, p_priority smallint[] default null,
  p_max_attempts smallint[] default null)
returns table (ord bigint, id bigint)
language plpgsql as $$
#variable_conflict use_column
begin
  if exists (select 1 from unnest(p_queue) as t(name) where t.name not in (select k.name from q.queue k)) then
    perform util.fail(422, 'unknown_queue', 'One of these queues does not exist.');
  end if;
  return query
  with i as materialized (
    select t.ord, nextval('q.job_id') as id, k.id as queue, coalesce(t.priority, 0::smallint) as priority,
           t.kind, t.payload, t.run_at, t.ukey, t.max_attempts
    from unnest(p_queue, p_kind, p_payload, p_run_at, p_ukey, p_priority, p_max_attempts) with ordinality
           as t(queue, kind, payload, run_at, ukey, priority, max_attempts, ord)
    join q.queue k on k.name = t.queue
  ), u as (
    -- The first of a key wins within the batch; sorted against deadlocks between batches.
    insert into q.uniq (ukey, job_id)
    select distinct on (i.ukey) i.ukey, i.id from i where i.ukey is not null order by i.ukey, i.ord
    on conflict (ukey) do nothing
    returning job_id
  ), kept as (
    select i.* from i where i.ukey is null or i.id in (select u.job_id from u)
  ), later as (
    insert into q.scheduled (id, run_at, queue, priority, kind, payload, max_attempts, ukey)
    select id, run_at, queue, priority, kind, payload, max_attempts, ukey from kept
    where run_at > clock_timestamp()
    returning id
  ), ready as (
    insert into q.job (id, queue, priority, kind, payload, max_attempts, ukey)
    select id, queue, priority, kind, payload, max_attempts, ukey from kept
    where id not in (select l.id from later l)
  )
  select i.ord, kept.id from i left join kept on kept.ord = i.ord order by i.ord;
end $$;
