-- One page of an owner's own videos, newest first, of one status if given.
-- Called by GET /api/users/me/videos.
-- Raises nothing.
create function media.list_mine(p_owner bigint, p_status text, p_id bigint, p_limit int) returns jsonb
language sql stable as $$
  with page as (
    select v from videos v
    where v.owner_id = p_owner and v.deleted_at is null and (p_status is null or v.status = p_status)
      and v.id < coalesce(p_id, 9223372036854775807)
    order by v.id desc limit p_limit + 1
  ), numbered as (
    select v, row_number() over (order by (v).id desc) as place, count(*) over () as found from page
  )
  select jsonb_build_object(
    'items', coalesce(jsonb_agg(media.video_json(v, p_owner) order by place) filter (where place <= p_limit), '[]'),
    'next_cursor', util.cursor_text('mine', 0, max((v).id) filter (where place = p_limit and found > p_limit)))
  from numbered
$$;
