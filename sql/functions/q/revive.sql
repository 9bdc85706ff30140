-- Puts a dead job back, with its tries counted from zero, or a waiting one at the head of time.
-- Called by ops.retry_job.
-- Raises job_not_found; job_exists when another job holds its key by now.
create function q.revive(p_id bigint) returns void
language plpgsql as $$
declare
  v_job q.dead;
begin
  update q.scheduled set run_at = now() where id = p_id;
  if found then
    return;
  end if;
  delete from q.dead where id = p_id returning * into v_job;
  if not found then
    perform util.fail(404, 'job_not_found');
  end if;
  if v_job.ukey is not null then
    insert into q.uniq (ukey, job_id) values (v_job.ukey, v_job.id) on conflict (ukey) do nothing;
    if not found then
      perform util.fail(409, 'job_exists');
    end if;
  end if;
  insert into q.job (queue, priority, id, kind, payload, max_attempts, ukey, created_at, last_error)
  values (v_job.queue, v_job.priority, v_job.id, v_job.kind, v_job.payload, v_job.max_attempts, v_job.ukey,
          v_job.created_at, v_job.last_error);
end $$;
