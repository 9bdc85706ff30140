-- One page of what a search text finds among public videos, as JSON text; p_sort relevance, newest or popular.
-- A text that finds nothing is asked again with misspelt words replaced.
-- Called by GET /api/videos?q=. Raises nothing.
create function media.search_videos(p_viewer bigint, p_q text, p_sort text, p_owner text, p_key bigint, p_id bigint,
  p_limit int)
-- The best plan depends on how common the words are, so each search is planned on its own.
returns text language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_query tsquery := media.search_query(p_q);
  v_owner bigint;
  v_ids bigint[];
  v_keys bigint[];
  v_from timestamptz := coalesce('epoch'::timestamptz + p_key * interval '1 microsecond', 'infinity');
  v_key bigint := coalesce(p_key, 9223372036854775807);
  v_id bigint := coalesce(p_id, 9223372036854775807);
begin
  if v_query is null or not media.is_found(v_query) then
    v_query := media.correct_query(p_q);
  end if;
  select u.id into v_owner from users u where lower(u.username) = lower(p_owner);
  if v_query is null or (p_owner is not null and v_owner is null) then
    return media.page_json(p_viewer, p_sort, '{}', '{}', p_limit);
  end if;
  if p_sort = 'newest' then
    select array_agg(id), array_agg((extract(epoch from published_at) * 1000000)::bigint) into v_ids, v_keys from (
      select id, published_at from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and search @@ v_query and (v_owner is null or owner_id = v_owner) and (published_at, id) < (v_from, v_id)
      order by published_at desc, id desc limit p_limit + 1) as page;
  elsif p_sort = 'popular' then
    select array_agg(id), array_agg(view_count) into v_ids, v_keys from (
      select id, view_count from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and search @@ v_query and (v_owner is null or owner_id = v_owner) and (view_count, id) < (v_key, v_id)
      order by view_count desc, id desc limit p_limit + 1) as page;
  else
    -- Ranking every match of a common word would read half the library; the most viewed ones are ranked.
    select array_agg(id), array_agg(score) into v_ids, v_keys from (
      select id, score from (
        select id, (ts_rank('{0.05, 0.2, 0.5, 1}', search, v_query) * 1000000)::bigint + (ln(view_count + 1) * 1000)::bigint
          as score
        from (
          select id, search, view_count from videos
          where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
            and search @@ v_query and (v_owner is null or owner_id = v_owner)
          order by view_count desc, id desc limit 300) as found) as ranked
      where (score, id) < (v_key, v_id)
      order by score desc, id desc limit p_limit + 1) as page;
  end if;
  return media.page_json(p_viewer, p_sort, v_ids, v_keys, p_limit);
end $$;
