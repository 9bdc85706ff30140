-- Takes a job out, waiting or running; a running one is stopped within a second or two.
-- Called by operators from psql.
-- Raises job_not_found.
create function ops.cancel_job(p_id bigint) returns text
language plpgsql as $$
begin
  if not q.cancel(p_id, true) then
    perform util.fail(404, 'job_not_found');
  end if;
  return format('job %s is cancelled', p_id);
end $$;
