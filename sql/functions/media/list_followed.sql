-- One page of the newest public videos of those a person follows, as JSON text.
-- p_key and p_id: where the last page ended (microseconds of published_at), null at the start.
-- Called by GET /api/users/me/following/videos. Raises nothing.
create function media.list_followed(p_viewer bigint, p_key bigint, p_id bigint, p_limit int) returns text
language plpgsql stable as $$
declare
  v_ids bigint[];
  v_keys bigint[];
  v_from timestamptz := coalesce('epoch'::timestamptz + p_key * interval '1 microsecond', 'infinity');
  v_id bigint := coalesce(p_id, 9223372036854775807);
begin
  -- What is on the page is of the creators whose own newest are on it: one row of each is read, then a page of a few.
  with first as (
    select f.creator_id from follows f
    cross join lateral (
      select v.published_at, v.id from videos v
      where v.owner_id = f.creator_id and v.visibility = 'public' and v.deleted_at is null
        and (v.hls_path is not null or v.progressive_path is not null) and (v.published_at, v.id) < (v_from, v_id)
      order by v.published_at desc, v.id desc limit 1) as newest
    where f.user_id = p_viewer
    order by newest.published_at desc, newest.id desc limit p_limit + 1
  ), page as (
    select mine.id, mine.published_at from first
    cross join lateral (
      select v.id, v.published_at from videos v
      where v.owner_id = first.creator_id and v.visibility = 'public' and v.deleted_at is null
        and (v.hls_path is not null or v.progressive_path is not null) and (v.published_at, v.id) < (v_from, v_id)
      order by v.published_at desc, v.id desc limit p_limit + 1) as mine
    order by mine.published_at desc, mine.id desc limit p_limit + 1
  )
  select array_agg(id order by published_at desc, id desc),
    array_agg((extract(epoch from published_at) * 1000000)::bigint order by published_at desc, id desc)
  into v_ids, v_keys from page;
  return media.page_json(p_viewer, 'followed', v_ids, v_keys, p_limit);
end $$;
