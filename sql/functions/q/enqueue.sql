-- Adds one job inside the caller's transaction; returns its id, or null when a job with that key exists.
-- Called by any SQL function that leaves work for later. Lower priority numbers run first.
-- Raises unknown_queue.
create function q.enqueue(p_queue text, p_kind text, p_payload jsonb, p_run_at timestamptz default null,
  p_ukey text default null, p_priority smallint default 0, p_max_attempts smallint default null)
returns bigint
language plpgsql as $$
declare
  v_queue smallint;
  v_id bigint := nextval('q.job_id');
begin
  select k.id into v_queue from q.queue k where k.name = p_queue;
  if v_queue is null then
    perform util.fail(422, 'unknown_queue', format('There is no queue named %s.', p_queue));
  end if;
  if p_ukey is not null then
    insert into q.uniq (ukey, job_id) values (p_ukey, v_id) on conflict (ukey) do nothing;
    if not found then
      return null;
    end if;
  end if;
  if p_run_at > clock_timestamp() then
    insert into q.scheduled (id, run_at, queue, priority, kind, payload, max_attempts, ukey)
    values (v_id, p_run_at, v_queue, coalesce(p_priority, 0::smallint), p_kind, p_payload, p_max_attempts, p_ukey);
  else
    insert into q.job (id, queue, priority, kind, payload, max_attempts, ukey)
    values (v_id, v_queue, coalesce(p_priority, 0::smallint), p_kind, p_payload, p_max_attempts, p_ukey);
  end if;
  return v_id;
end $$;
