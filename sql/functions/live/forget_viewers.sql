-- Removes who was counted in lives that are over, a bounded number at a time; returns how many. The sum stays in
-- lives.total_viewers, and nobody is counted in a live that is over. A minute's grace for counts on their way.
-- Called by the job clean_lives. Raises nothing.
create function live.forget_viewers(p_limit int, p_now timestamptz default now()) returns int
language sql as $$
  with recursive counted as (
    -- From live to live along the key: as many steps as lives have viewers kept, however many viewers those are.
    (select w.live_id from live_viewers w order by w.live_id limit 1)
    union all
    select (select w.live_id from live_viewers w where w.live_id > c.live_id order by w.live_id limit 1)
    from counted c where c.live_id is not null
  ), over as (
    select v.id from counted c join lives v on v.id = c.live_id
    where v.status = 'ended' and v.ended_at < p_now - interval '1 minute'
  ), old as (
    select w.live_id, w.viewer from over o
    cross join lateral (select * from live_viewers w where w.live_id = o.id limit p_limit) w
    limit p_limit
  ), gone as (
    delete from live_viewers w using old o where w.live_id = o.live_id and w.viewer = o.viewer returning 1
  )
  select count(*)::int from gone
$$;
