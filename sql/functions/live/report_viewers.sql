-- Tells how many viewers a process has in some channels; returns where every channel it watches stands: how many
-- viewers all living processes have, whether all of those are surely there (none is late), whether it is on air, and
-- the peak kept so far.
-- Called every moment by app/realtime/presence.py. Raises nothing.
create function live.report_viewers(p_instance bigint, p_channel text[], p_n int[], p_watched text[], p_late interval,
  p_now timestamptz default clock_timestamp())
returns table (channel text, total bigint, is_sure boolean, is_on_air boolean, peak integer)
language plpgsql as $$
begin
  -- A process writes its own rows only, so no two ever wait for each other.
  insert into rt.viewers as w (channel, instance_id, n, at)
  select t.channel, p_instance, t.n, p_now from unnest(p_channel, p_n) as t(channel, n)
  on conflict on constraint viewers_pkey do update set n = excluded.n, at = excluded.at;
  return query
  select c.channel, t.n,
    -- p_late: a process that has less than this left of its lease has missed its renewals and may be dead, its
    -- viewers already counted elsewhere.
    not exists (select from rt.viewers w join rt.instance i on i.id = w.instance_id
      where w.channel = c.channel and w.n > 0 and i.lease_until between p_now and p_now + p_late),
    coalesce(v.status = 'live', false), coalesce(v.peak_viewers, 0)
  from unnest(p_watched) as c(channel)
  cross join lateral live.count_viewers(c.channel, p_now) t
  left join lives v on v.public_id = substr(c.channel, 6) and v.deleted_at is null;
end $$;
