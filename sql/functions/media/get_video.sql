-- A video as this viewer may see it.
-- Called by GET /api/videos/{id} and by pages that carry its title.
-- Raises not_found.
create function media.get_video(p_public_id text, p_viewer bigint) returns jsonb
language sql stable as $$
  select media.video_json(media.visible_video(p_public_id, p_viewer), p_viewer)
$$;
