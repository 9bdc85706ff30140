-- Removes a job that has not started, or with p_running also one that runs: its worker stops it within a second or
-- two, and whatever it reports does not count. True when it was there.
-- Called by SQL functions that make a job pointless, by ops.cancel_job and by operators.
-- Raises nothing.
create function q.cancel(p_id bigint, p_running boolean default false) returns boolean
language sql as $$
  with s as (delete from q.scheduled where id = p_id returning id, ukey),
  j as (
    delete from q.job where (queue, priority, id) in (
      select x.queue, x.priority, x.id from q.job x
      where x.id = p_id and (x.leased_by is null or p_running) for update skip locked)
    returning id, ukey
  ), gone as (select * from s union all select * from j),
  u as (delete from q.uniq using gone where q.uniq.ukey = gone.ukey and q.uniq.job_id = gone.id)
  select exists (select 1 from gone)
$$;
