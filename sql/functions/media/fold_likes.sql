-- Moves counted likes into their videos, one update per video however many likes; returns how many videos.
-- Called by the job fold_views.
-- Raises nothing.
create function media.fold_likes(p_limit int default 1000) returns int
language sql as $$
  with taken as materialized (
    select t.id, t.n from ct.take('video_like', p_limit) t join videos v on v.id = t.id order by t.id
  ), counted as (
    update videos v set like_count = like_count + t.n from taken t where v.id = t.id returning v.id
  )
  select count(*)::int from counted
$$;
