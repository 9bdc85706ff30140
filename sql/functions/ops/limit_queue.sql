-- Bounds how many jobs of a queue run in the whole cluster; null takes the bound away. Running jobs run on.
-- Called by operators from psql.
-- Raises unknown_queue.
create function ops.limit_queue(p_queue text, p_max_running integer) returns text
language plpgsql as $$
begin
  update q.queue set max_running = p_max_running where name = p_queue;
  if not found then
    perform util.fail(422, 'unknown_queue', format('There is no queue named %s.', p_queue));
  end if;
  return format('queue %s runs %s jobs at once', p_queue, coalesce(p_max_running::text, 'any number of'));
end $$;
