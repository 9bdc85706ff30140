-- Shows another picture for a video: one of those made of it, or poster/<name>, which its owner sent; returns the video.
-- Called by PUT and POST /api/videos/{id}/poster.
-- Raises not_found, also for a picture it has not.
create function media.set_poster(p_public_id text, p_owner bigint, p_path text) returns jsonb
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
  v_old text := v_video.poster_path;
begin
  if p_path is null or (p_path not like 'poster/%' and p_path <> all (v_video.frame_paths)) then
    perform util.fail(404, 'not_found');
  end if;
  update videos v set poster_path = p_path, updated_at = now(),
    -- The one of a video from before there was a choice.
    frame_paths = case when v.frame_paths = '{}' and v_old not like 'poster/%' then array[v_old] else v.frame_paths end
  where v.id = v_video.id
  returning * into v_video;
  if v_old like 'poster/%' and v_old <> p_path then
    perform q.enqueue('default', 'poster:sweep', jsonb_build_object('video_id', p_public_id, 'path', v_old));
  end if;
  perform media.drop_cached(p_public_id),
    media.tell_owner(v_video.id, case when v_video.status = 'ready' then 'video:ready' else 'video:progress' end);
  return media.video_json(v_video, p_owner);
end $$;
