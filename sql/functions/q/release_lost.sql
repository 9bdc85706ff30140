-- Gives back what this process leased but does not know of: claims whose answer was lost with a connection.
-- Called by app/worker.py after a turn that failed. Walks the whole queue, so never routinely.
-- Raises nothing.
create function q.release_lost(p_instance bigint, p_known bigint[]) returns integer
language sql as $$
  with u as (
    update q.job j set leased_by = null, leased_at = null, attempt = greatest(j.attempt - 1, 0)
    where j.leased_by = p_instance and j.id <> all (p_known)
    returning 1
  )
  select count(*)::integer from u
$$;
