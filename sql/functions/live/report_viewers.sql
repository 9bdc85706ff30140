-- Tells who watches some channels through a process: so many guests (p_guests, one for each of p_channel), and users
-- (p_user[n] watches p_user_channel[n]). Returns where every channel it watches stands: how many viewers all living
-- processes have, whether all of those are surely there (none is late), whether it is on air, the peak kept so far,
-- and whose it is: its owner is no viewer. Called every moment by app/realtime/presence.py. Raises nothing.
create function live.report_viewers(p_instance bigint, p_channel text[], p_guests int[], p_user_channel text[],
  p_user bigint[], p_watched text[], p_late interval, p_now timestamptz default clock_timestamp())
returns table (channel text, total bigint, is_sure boolean, is_on_air boolean, peak integer, owner_id bigint)
language plpgsql as $$
begin
  -- A process writes its own rows only, so no two ever wait for each other.
  insert into rt.viewers as w (channel, instance_id, n, guests, users, at)
  select t.channel, p_instance, 0, t.guests, coalesce(u.ids, '{}'), p_now
  from unnest(p_channel, p_guests) as t(channel, guests)
  left join (
    select u.channel, array_agg(u.id) as ids from unnest(p_user_channel, p_user) as u(channel, id) group by u.channel
  ) u on u.channel = t.channel
  on conflict on constraint viewers_pkey do update
    set guests = excluded.guests, users = excluded.users, at = excluded.at;
  -- Who is at several processes counts at the eldest of them. Adding up stays adding numbers, for every page that shows
  -- one; only here are people compared, and everything told a moment late is right a moment later.
  update rt.viewers w set n = c.n
  from (
    select m.channel, m.guests + (
      select count(*) from (
        select unnest(m.users)
        except
        select unnest(o.users) from rt.viewers o join rt.instance i on i.id = o.instance_id
        where o.channel = m.channel and o.instance_id < p_instance
          and o.at > p_now - interval '15 seconds' and i.lease_until > p_now
      ) as alone(id) where alone.id is distinct from v.owner_id
    )::integer as n
    from rt.viewers m left join lives v on v.public_id = substr(m.channel, 6) collate "default"
    where m.instance_id = p_instance and m.channel = any(p_watched || p_channel)
  ) c
  where w.channel = c.channel and w.instance_id = p_instance and w.n <> c.n;
  return query
  select c.channel, t.n,
    -- p_late: a process that has less than this left of its lease has missed its renewals and may be dead, its
    -- viewers already counted elsewhere.
    not exists (select from rt.viewers w join rt.instance i on i.id = w.instance_id
      where w.channel = c.channel and w.n > 0 and i.lease_until between p_now and p_now + p_late),
    coalesce(v.status = 'live', false), coalesce(v.peak_viewers, 0), v.owner_id
  from unnest(p_watched) as c(channel)
  cross join lateral live.count_viewers(c.channel, p_now) t
  left join lives v on v.public_id = substr(c.channel, 6) and v.deleted_at is null;
end $$;
