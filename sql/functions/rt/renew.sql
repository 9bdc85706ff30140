-- The heartbeat: one row per process, however many jobs it runs. False when the row is gone.
-- Called every few seconds by app/pg/instance.py.
-- Raises nothing. Renewing late is safe: whatever was taken over meanwhile carries another process's id.
create function rt.renew(p_id bigint, p_lease interval) returns boolean
language sql as $$
  with u as (update rt.instance set lease_until = clock_timestamp() + p_lease where id = p_id returning 1)
  select exists (select 1 from u)
$$;
