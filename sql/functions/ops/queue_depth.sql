-- How full each queue is, and how old its oldest ready job.
-- Called by operators from psql and /metrics.
-- Raises nothing.
create view ops.queue_depth as
select k.name as queue, k.is_paused, k.max_running,
       count(j.id) filter (where j.leased_by is null) as ready,
       count(j.id) filter (where j.leased_by is not null) as running,
       (select count(*) from q.scheduled s where s.queue = k.id) as scheduled,
       (select count(*) from q.dead d where d.queue = k.id) as dead,
       coalesce(extract(epoch from now() - min(j.created_at) filter (where j.leased_by is null)), 0)::float8
         as oldest_ready_seconds
from q.queue k left join q.job j on j.queue = k.id
group by k.id, k.name, k.is_paused, k.max_running;
