-- Ends this process's lease now, so others take over without waiting.
-- Called by app/pg/instance.py at an orderly stop.
-- Raises nothing.
create function rt.leave(p_id bigint) returns void
language sql as $$
  delete from rt.leader where holder = p_id;
  delete from rt.instance where id = p_id;
$$;
