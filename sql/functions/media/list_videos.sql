-- One page of what everybody may watch, as JSON text: newest or most viewed first, of one owner if p_owner is given.
-- p_key and p_id: where the last page ended (microseconds of published_at, or views), null at the start.
-- Called by GET /api/videos without a search text. Raises nothing.
create function media.list_videos(p_viewer bigint, p_sort text, p_owner text, p_key bigint, p_id bigint, p_limit int)
returns text language plpgsql stable as $$
declare
  v_owner bigint;
  v_ids bigint[];
  v_keys bigint[];
  v_from timestamptz := coalesce('epoch'::timestamptz + p_key * interval '1 microsecond', 'infinity');
  v_views bigint := coalesce(p_key, 9223372036854775807);
  v_id bigint := coalesce(p_id, 9223372036854775807);
begin
  if p_owner is not null then
    select u.id into v_owner from users u where lower(u.username) = lower(p_owner);
    if v_owner is null then
      return json_build_object('items', '[]'::json, 'next_cursor', null)::text;
    end if;
  end if;
  -- Four plain statements rather than one with options: each walks one index from one place and stops.
  if p_sort = 'newest' and v_owner is null then
    select array_agg(id), array_agg((extract(epoch from published_at) * 1000000)::bigint) into v_ids, v_keys from (
      select id, published_at from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and (published_at, id) < (v_from, v_id)
      order by published_at desc, id desc limit p_limit + 1) as page;
  elsif p_sort = 'newest' then
    select array_agg(id), array_agg((extract(epoch from published_at) * 1000000)::bigint) into v_ids, v_keys from (
      select id, published_at from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and owner_id = v_owner and (published_at, id) < (v_from, v_id)
      order by published_at desc, id desc limit p_limit + 1) as page;
  elsif v_owner is null then
    select array_agg(id), array_agg(view_count) into v_ids, v_keys from (
      select id, view_count from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and (view_count, id) < (v_views, v_id)
      order by view_count desc, id desc limit p_limit + 1) as page;
  else
    select array_agg(id), array_agg(view_count) into v_ids, v_keys from (
      select id, view_count from videos
      where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
        and owner_id = v_owner and (view_count, id) < (v_views, v_id)
      order by view_count desc, id desc limit p_limit + 1) as page;
  end if;
  return media.page_json(p_viewer, p_sort, v_ids, v_keys, p_limit);
end $$;
