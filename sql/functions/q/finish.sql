-- Ends a running job inside its handler's own transaction: the effect and the end are one commit, so that the effect
-- happens exactly once whoever dies when. The row's lock keeps others from taking the job over until that commit.
-- Called by Job.finish in app/jobs/spec.py. Raises job_taken_over when the job is not this process's any more.
create function q.finish(p_instance bigint, p_queue smallint, p_priority smallint, p_id bigint, p_attempt smallint)
returns void
language plpgsql as $$
declare
  v_ukey text;
begin
  delete from q.job
  where queue = p_queue and priority = p_priority and id = p_id and leased_by = p_instance and attempt = p_attempt
  returning ukey into v_ukey;
  if not found then
    perform util.fail(409, 'job_taken_over');
  end if;
  delete from q.uniq where ukey = v_ukey and job_id = p_id;
end $$;
