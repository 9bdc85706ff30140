-- Moves counted likes into their videos, one update per video however many likes; returns how many things had some.
-- Called by the job fold_views.
-- Raises nothing.
create function media.fold_likes(p_limit int default 1000) returns int
language sql as $$
  with gathered as materialized (
    select t.id, t.n from ct.take('video_like', p_limit) t
  ), taken as materialized (
    select g.id, g.n from gathered g join videos v on v.id = g.id order by g.id
  ), counted as (
    update videos v set like_count = like_count + t.n from taken t where v.id = t.id returning v.id
  )
  -- Those of videos that are gone, too: p_limit means that there may be more.
  select count(*)::int from gathered
$$;
