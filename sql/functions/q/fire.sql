-- Fires a schedule once: moves its next time forward and adds its job, or does neither. Returns the job's id;
-- null when another process fired this time, or when the job of the last time is still there.
-- Called by app/pg/cron.py, which works out p_next_at. Raises unknown_queue.
create function q.fire(p_name text, p_due_at timestamptz, p_next_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_cron q.cron;
begin
  update q.cron set next_at = p_next_at, last_at = p_due_at
  where name = p_name and next_at = p_due_at and is_enabled
  returning * into v_cron;
  if not found then
    return null;
  end if;
  return q.enqueue(v_cron.queue, v_cron.kind, v_cron.payload, p_ukey => 'cron:' || p_name);
end $$;
