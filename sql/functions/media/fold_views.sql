-- Moves counted views into videos and into their day, one update per video however many views; returns how many things had some.
-- Called by the job fold_views.
-- Raises nothing.
create function media.fold_views(p_limit int default 1000, p_now timestamptz default now()) returns int
language sql as $$
  with gathered as materialized (
    select t.id, t.n from ct.take('video_view', p_limit) t
  ), taken as materialized (
    select g.id, g.n from gathered g join videos v on v.id = g.id order by g.id
  ), counted as (
    update videos v set view_count = view_count + t.n from taken t where v.id = t.id returning v.id
  ), daily as (
    insert into video_views_daily as d (video_id, day, views)
    select id, (p_now at time zone 'utc')::date, n from taken order by id
    on conflict (video_id, day) do update set views = d.views + excluded.views
  )
  -- Those of videos that are gone, too: p_limit means that there may be more.
  select count(*)::int from gathered
$$;
