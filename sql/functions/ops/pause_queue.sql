-- Stops workers from starting jobs of a queue, or lets them again. Running jobs run on.
-- Called by operators from psql.
-- Raises unknown_queue.
create function ops.pause_queue(p_queue text, p_pause boolean default true) returns text
language plpgsql as $$
begin
  update q.queue set is_paused = p_pause where name = p_queue;
  if not found then
    perform util.fail(422, 'unknown_queue', format('There is no queue named %s.', p_queue));
  end if;
  return format('queue %s is %s', p_queue, case when p_pause then 'paused' else 'open' end);
end $$;
