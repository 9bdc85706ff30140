-- Every job there is, one line each, with what it is doing.
-- Called by operators from psql; docs/ops.md.
-- Raises nothing; not for hot paths.
create view ops.jobs as
select j.id, k.name as queue, j.kind,
       case when j.leased_by is null then 'ready' when i.id is null then 'orphaned' else 'running' end as state,
       j.priority, j.attempt, j.max_attempts, j.created_at, null::timestamptz as run_at, j.leased_at as started_at,
       i.name as worker, j.ukey, j.payload, j.last_error
from q.job j join q.queue k on k.id = j.queue
left join rt.instance i on i.id = j.leased_by and i.lease_until > now()
union all
select s.id, k.name, s.kind, case when s.attempt > 0 then 'retrying' else 'scheduled' end,
       s.priority, s.attempt, s.max_attempts, s.created_at, s.run_at, null, null, s.ukey, s.payload, s.last_error
from q.scheduled s join q.queue k on k.id = s.queue
union all
select d.id, k.name, d.kind, 'dead',
       d.priority, d.attempt, d.max_attempts, d.created_at, null, null, null, d.ukey, d.payload, d.last_error
from q.dead d join q.queue k on k.id = d.queue;
