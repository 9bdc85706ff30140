-- Everything is in its place: the video is ready and its owner is told, in one commit. False when late.
-- Called by the job finish. p_qualities: [{label, width, height, bitrate}], p_duration in seconds, both as measured; paths behind vod/<public id>/,
-- p_frames: further pictures to choose from.
-- Raises nothing.
create function media.finish_video(p_video bigint, p_attempt int, p_qualities jsonb, p_hls text, p_sprite text,
  p_poster text, p_duration double precision, p_frames text[] default '{}')
returns boolean
language plpgsql as $$
begin
  update videos v
  set status = 'ready', reason = null, processing_progress = 100, hls_path = p_hls,
    sprite_path = coalesce(p_sprite, v.sprite_path), poster_path = coalesce(v.poster_path, p_poster),
    frame_paths = case when v.frame_paths = '{}' then array_remove(array[p_poster], null) else v.frame_paths[1:1] end || p_frames,
    duration_seconds = p_duration,
    published_at = coalesce(v.published_at, case when v.visibility = 'public' then now() end), updated_at = now()
  where v.id = p_video and v.attempt = p_attempt and v.status = 'transcoding' and v.deleted_at is null;
  if not found then
    return false;
  end if;
  update video_qualities k
  set status = 'ready', progress = 100, width = m.width, height = m.height, bitrate = m.bitrate
  from jsonb_to_recordset(p_qualities) as m(label text, width int, height int, bitrate int)
  where k.video_id = p_video and k.attempt = p_attempt and k.label = m.label;
  perform media.charge_minutes(v.owner_id, jsonb_array_length(p_qualities) / 60.0
    * (p_duration - coalesce((v.probe->>'duration_seconds')::double precision, 0)))
  from videos v where v.id = p_video;
  delete from video_qualities k where k.video_id = p_video and k.attempt <> p_attempt;
  perform media.drop_cached(v.public_id) from videos v where v.id = p_video;
  perform media.tell_owner(p_video, 'video:ready');
  return true;
end $$;
