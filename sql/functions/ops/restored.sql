-- After a restore from a backup, before the service starts: a new era, so that pages which followed what came after
-- that moment load again, and every queue paused, because jobs that ended after it are there once more.
-- Called by `python -m app restored`. Raises nothing. newest_at: of the newest event, where the restore ended.
create function ops.restored(p_end_sessions boolean default false)
returns table (newest_at timestamptz, queues text[], waiting bigint, running bigint, processes bigint,
  sessions bigint)
language plpgsql as $$
begin
  update rt.era set n = hashtextextended(gen_random_uuid()::text, 0);
  update q.queue set is_paused = true;
  if p_end_sessions then
    -- They also expire, so that account.clean finds them by that.
    update sessions set revoked_at = clock_timestamp(), expires_at = least(expires_at, clock_timestamp())
    where revoked_at is null;
  end if;
  return query select
    (select max(s.last_at) from rt.stream s),
    (select array_agg(k.name order by k.name) from q.queue k),
    (select count(*) from q.job j where j.leased_by is null) + (select count(*) from q.scheduled),
    (select count(*) from q.job j where j.leased_by is not null),
    (select count(*) from rt.instance i where i.lease_until > clock_timestamp()),
    (select count(*) from sessions e where e.revoked_at is null and e.expires_at > now());
end $$;
