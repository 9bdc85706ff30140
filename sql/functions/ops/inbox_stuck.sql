-- Outside events stored more than a minute ago and not applied yet, oldest first.
-- Called by operators from psql; docs/ops.md.
-- Raises nothing.
create view ops.inbox_stuck as
select i.id, i.source, i.event_id, i.received_at, now() - i.received_at as age, i.attempts, i.error, i.body
from public.inbox i
where i.applied_at is null and i.received_at < now() - interval '1 minute'
order by i.received_at;
