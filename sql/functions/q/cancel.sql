-- Removes a job that has not started; true when it was there. A running job runs on.
-- Called by SQL functions that make a job pointless, and by operators.
-- Raises nothing.
create function q.cancel(p_id bigint) returns boolean
language sql as $$
  with s as (delete from q.scheduled where id = p_id returning id, ukey),
  j as (
    delete from q.job where (queue, priority, id) in (
      select x.queue, x.priority, x.id from q.job x
      where x.id = p_id and x.leased_by is null for update skip locked)
    returning id, ukey
  ), gone as (select * from s union all select * from j),
  u as (delete from q.uniq using gone where q.uniq.ukey = gone.ukey and q.uniq.job_id = gone.id)
  select exists (select 1 from gone)
$$;
