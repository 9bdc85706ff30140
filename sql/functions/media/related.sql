-- What to watch after a video: others of its tags and words, filled up with the owner's newest and the most viewed.
-- Called by GET /api/videos/{id}/related.
-- Raises not_found.
create function media.related(p_public_id text, p_viewer bigint, p_limit int) returns text
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_video videos := media.visible_video(p_public_id, p_viewer);
  v_query tsquery;
  v_ids bigint[];
begin
  -- Any of the longest words of title and tags; more would match everything.
  select string_agg(format('''%s''', token), ' | ')::tsquery into v_query from (
    select distinct token, length(token) from media.search_tokens(concat_ws(' ', v_video.title, array_to_string(v_video.tags, ' ')))
    where gram = 2 or (gram = 0 and length(token) > 2)
    order by length(token) desc, token limit 6) as words;
  with alike as (
    select id, ts_rank(search, v_query) as score from (
      select id, search from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and search @@ v_query
      order by view_count desc, id desc limit 100) as found
    order by score desc, id desc limit p_limit
  ), same_owner as (
    select id from videos
    where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
      and owner_id = v_video.owner_id
    order by published_at desc, id desc limit p_limit
  ), popular as (
    select id from videos
    where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
    order by view_count desc, id desc limit p_limit + 1
  ), ranked as (
    select id, min(place) as place from (
      select id, 1 - score as place from alike
      union all select id, 2 from same_owner
      union all select id, 3 from popular) as every
    where id <> v_video.id
    group by id
  )
  select array_agg(id order by place, id desc) into v_ids
  from (select id, place from ranked order by place, id desc limit p_limit) as best;
  return media.page_json(p_viewer, 'related', v_ids, null, p_limit);
end $$;
