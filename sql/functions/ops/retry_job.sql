-- Runs a dead or waiting job again, now; a worker starts it within a second.
-- Called by operators from psql.
-- Raises job_not_found, job_exists.
create function ops.retry_job(p_id bigint) returns text
language plpgsql as $$
begin
  perform q.revive(p_id);
  return format('job %s is queued', p_id);
end $$;
