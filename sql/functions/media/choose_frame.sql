-- Shows one of the pictures made of a video, by its place among them from 0; returns the video.
-- Called by POST /api/videos/{id}/poster.
-- Raises not_found.
create function media.choose_frame(p_public_id text, p_owner bigint, p_frame int) returns jsonb
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
begin
  return media.set_poster(p_public_id, p_owner, v_video.frame_paths[p_frame + 1]);
end $$;
