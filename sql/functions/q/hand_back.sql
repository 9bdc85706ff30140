-- Gives claimed jobs back unstarted or unfinished, as if they had not been tried; returns how many.
-- Called by app/worker.py at a soft stop.
-- Raises nothing.
create function q.hand_back(p_instance bigint, p_queue smallint[], p_priority smallint[], p_id bigint[])
returns integer
language sql as $$
  with u as (
    update q.job j set leased_by = null, leased_at = null, attempt = greatest(j.attempt - 1, 0)
    from unnest(p_queue, p_priority, p_id) as t(queue, priority, id)
    where j.queue = t.queue and j.priority = t.priority and j.id = t.id and j.leased_by = p_instance
    returning 1
  )
  select count(*)::integer from u
$$;
