-- Paths of what a player needs, and whether they need a token.
-- Called by GET /api/videos/{id}/playback.
-- Raises not_found.
create function media.playback(p_public_id text, p_viewer bigint) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'visibility', v.visibility, 'duration_seconds', v.duration_seconds,
    'hls_path', v.hls_path, 'progressive_path', v.progressive_path,
    'poster_path', v.poster_path, 'sprite_path', v.sprite_path,
    'captions', (
      select coalesce(jsonb_agg(jsonb_build_object('lang', c.lang, 'label', c.label, 'path', c.path) order by c.lang), '[]')
      from video_captions c where c.video_id = v.id))
  from media.visible_video(p_public_id, p_viewer) as v
$$;
