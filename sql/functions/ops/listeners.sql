-- Running processes: their lease, whether they hear the doorbell, how many sockets and channels they serve.
-- Called by operators in psql: select * from ops.listeners;
-- Raises nothing. What a process says of itself is as old as its last renewal (a quarter of LEASE_SECONDS).
create view ops.listeners as
select i.id, i.name as process, i.started_at, i.lease_until > now() as is_alive,
  date_trunc('milliseconds', i.lease_until - now()) as lease_left,
  (i.info ->> 'is_listening')::boolean as is_listening, (i.info ->> 'sockets')::int as sockets,
  (i.info ->> 'channels')::int as channels
from rt.instance i
order by i.id;
