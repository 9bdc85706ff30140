-- Enters this process among the running ones; returns its id. What it leases is free when the lease ends.
-- Called by app/pg/instance.py at start and when it finds its row gone.
-- Raises nothing.
create function rt.join(p_name text, p_lease interval, p_info jsonb default '{}') returns bigint
language sql as $$
  insert into rt.instance (name, lease_until, info) values (p_name, clock_timestamp() + p_lease, p_info)
  returning id
$$;
