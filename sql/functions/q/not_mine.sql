-- Which of these jobs this process does not hold any more: cancelled by somebody, or taken over while it stood still.
-- Called each second by app/worker.py for jobs that run for longer.
-- Raises nothing.
create function q.not_mine(p_instance bigint, p_queue smallint[], p_priority smallint[], p_id bigint[])
returns setof bigint
language sql stable as $$
  select t.id from unnest(p_queue, p_priority, p_id) as t(queue, priority, id)
  where not exists (
    select from q.job j
    where j.queue = t.queue and j.priority = t.priority and j.id = t.id and j.leased_by = p_instance)
$$;
