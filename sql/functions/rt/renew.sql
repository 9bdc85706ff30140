-- The heartbeat: one row per process, however many jobs it runs. False when the row is gone.
-- Called every few seconds by app/pg/instance.py; p_info: what the process says of itself, shown by ops.listeners.
-- Raises nothing. Renewing late is safe: whatever was taken over meanwhile carries another process's id.
-- p_name: after a restore to an earlier moment our number may be another process's.
create function rt.renew(p_id bigint, p_lease interval, p_info jsonb default '{}', p_name text default null)
returns boolean
language sql as $$
  with u as (
    update rt.instance set lease_until = clock_timestamp() + p_lease, info = p_info
    where id = p_id and name = coalesce(p_name, name) returning 1
  )
  select exists (select 1 from u)
$$;
