-- Counts people who came to lives on air, each once per live; returns how many were new.
-- Called by app/realtime/presence.py, in batches.
-- Raises nothing.
create function live.add_viewers(p_channel text[], p_viewer bytea[]) returns int
language sql as $$
  with came as (
    insert into live_viewers (live_id, viewer)
    -- Sorted, so that two processes that tell of the same people never wait for each other in a circle.
    select distinct v.id, t.viewer from unnest(p_channel, p_viewer) as t(channel, viewer)
    join lives v on v.public_id = substr(t.channel, 6) and v.status = 'live'
    order by v.id, t.viewer
    on conflict do nothing returning live_id
  ), counted as (
    select live_id, count(*)::int as n from came group by live_id
  ), held as (
    select v.id, c.n from lives v join counted c on c.live_id = v.id order by v.id for no key update of v
  ), summed as (
    update lives v set total_viewers = v.total_viewers + h.n from held h where v.id = h.id returning h.n
  )
  select coalesce(sum(n), 0)::int from summed
$$;
