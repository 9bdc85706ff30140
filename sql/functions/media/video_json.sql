-- One video with everything its page and its owner's list show.
-- Called by media.get_video, media.list_mine, media.update_video and MEDIA's functions that answer with a video.
-- Raises nothing.
create function media.video_json(p_video videos, p_viewer bigint) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'id', p_video.public_id, 'title', p_video.title, 'description', p_video.description, 'tags', p_video.tags,
    'visibility', p_video.visibility, 'status', p_video.status, 'reason', p_video.reason,
    'progress', p_video.processing_progress,
    'is_playable', p_video.hls_path is not null or p_video.progressive_path is not null,
    'is_owner', p_video.owner_id is not distinct from p_viewer,
    'duration_seconds', p_video.duration_seconds, 'width', p_video.width, 'height', p_video.height,
    'size_bytes', p_video.size_bytes, 'view_count', p_video.view_count, 'like_count', p_video.like_count + ct.waiting('video_like', p_video.id))
  || jsonb_build_object(
    'is_liked', exists (select from video_likes l where l.video_id = p_video.id and l.user_id = p_viewer),
    'resume_seconds', (select p.seconds from video_positions p where p.user_id = p_viewer and p.video_id = p_video.id),
    'created_at', util.utc_text(p_video.created_at), 'published_at', util.utc_text(p_video.published_at),
    'publish_at', util.utc_text(p_video.publish_at),
    'poster_url', media.media_url(p_video.visibility, p_video.public_id, p_video.poster_path),
    -- For its owner, who chooses among them.
    'frame_urls', case when p_video.owner_id = p_viewer then (
      select coalesce(jsonb_agg(media.media_url(p_video.visibility, p_video.public_id, f.path) order by f.n), '[]')
      from unnest(p_video.frame_paths) with ordinality as f(path, n)) else '[]' end,
    'sprite_vtt_url', media.media_url(p_video.visibility, p_video.public_id, p_video.sprite_path),
    'owner', (select media.owner_json(u.username, u.display_name, u.avatar_key) from users u where u.id = p_video.owner_id),
    'qualities', (
      select coalesce(jsonb_agg(jsonb_build_object('label', r.label, 'width', r.width, 'height', r.height,
        'bitrate', r.bitrate, 'status', r.status, 'progress', r.progress) order by r.height desc, r.width desc), '[]')
      from video_qualities r where r.video_id = p_video.id and r.attempt = p_video.attempt),
    'captions', (
      select coalesce(jsonb_agg(jsonb_build_object('lang', c.lang, 'label', c.label) order by c.lang), '[]')
      from video_captions c where c.video_id = p_video.id))
$$;
