-- Removes who was counted more than an hour ago, a bounded number at a time; returns how many.
-- Called by the job fold_views.
-- Raises nothing.
create function media.forget_viewers(p_limit int default 5000, p_now timestamptz default now()) returns int
language sql as $$
  with old as (
    select video_id, viewer from video_viewers where counted_at <= p_now - interval '1 hour' limit p_limit
    for update skip locked
  ), gone as (
    delete from video_viewers v using old o where v.video_id = o.video_id and v.viewer = o.viewer returning 1
  )
  select count(*)::int from gone
$$;
