-- Jobs whose last try failed, newest first: dead ones and those waiting for another try.
-- Called by operators from psql; docs/ops.md.
-- Raises nothing.
create view ops.job_failures as
select d.id, k.name as queue, d.kind, 'dead' as state, d.attempt, d.last_error ->> 'code' as code,
       d.last_error ->> 'message' as message, d.died_at as failed_at, null::timestamptz as next_try_at, d.payload
from q.dead d join q.queue k on k.id = d.queue
union all
select s.id, k.name, s.kind, 'retrying', s.attempt, s.last_error ->> 'code', s.last_error ->> 'message',
       (s.last_error ->> 'at')::timestamptz, s.run_at, s.payload
from q.scheduled s join q.queue k on k.id = s.queue where s.last_error is not null
order by failed_at desc nulls last;
