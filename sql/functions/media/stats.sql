-- An owner's totals and the views of each of the last 30 days, today included.
-- Called by GET /api/users/me/stats.
-- Raises nothing.
create function media.stats(p_owner bigint, p_now timestamptz default now()) returns jsonb
language sql stable as $$
  with mine as (
    select id, view_count, like_count from videos where owner_id = p_owner and deleted_at is null
  ), days as (
    select (p_now at time zone 'utc')::date - n as day from generate_series(0, 29) as n
  ), views as (
    select d.day, sum(d.views) as views from video_views_daily d join mine m on m.id = d.video_id
    where d.day > (p_now at time zone 'utc')::date - 30 group by d.day
  )
  select jsonb_build_object(
    'video_count', (select count(*) from mine),
    'view_count', (select coalesce(sum(view_count), 0) from mine),
    'like_count', (select coalesce(sum(like_count), 0) from mine),
    'storage_used_bytes', u.storage_used_bytes, 'storage_quota_bytes', u.storage_quota_bytes,
    'views_per_day', (select jsonb_agg(jsonb_build_object('day', days.day, 'views', coalesce(views.views, 0)) order by days.day)
      from days left join views using (day)))
  from users u where u.id = p_owner
$$;
