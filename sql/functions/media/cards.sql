-- The list entries of some videos, in the order given.
-- Called by media.list_videos, media.search_videos, media.related.
-- Raises nothing.
create function media.cards(p_ids bigint[], p_viewer bigint) returns json
language sql stable as $$
  select coalesce(json_agg(json_build_object(
    'id', v.public_id, 'title', v.title, 'visibility', v.visibility, 'status', v.status, 'reason', v.reason,
    'progress', v.processing_progress, 'is_playable', true,
    'duration_seconds', v.duration_seconds, 'view_count', v.view_count, 'like_count', v.like_count,
    'resume_seconds', p.seconds,
    'created_at', util.utc_text(v.created_at), 'published_at', util.utc_text(v.published_at),
    'poster_url', media.media_url(v.visibility, v.public_id, v.poster_path),
    'sprite_vtt_url', media.media_url(v.visibility, v.public_id, v.sprite_path),
    'owner', media.owner_json(u.username, u.display_name, u.avatar_key)
  ) order by t.place), '[]')
  from unnest(p_ids) with ordinality as t(id, place)
  join videos v on v.id = t.id
  join users u on u.id = v.owner_id
  left join video_positions p on p.user_id = p_viewer and p.video_id = v.id
$$;
