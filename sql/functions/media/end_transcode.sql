-- A transcode ended without a video: once more by ourselves when the error may pass, else the video failed.
-- Called by media.apply_transcode_event. The caller holds the video's row lock.
-- Raises nothing.
create function media.end_transcode(p_video bigint, p_attempt int, p_status text, p_code int, p_is_retry boolean)
returns text
language plpgsql as $$
declare
  f record;
begin
  if p_status = 'canceled' then
    perform media.fail_video(p_video, p_attempt, 'canceled');
    return 'canceled';
  end if;
  f := media.failure_of(p_code);
  if not f.is_passing or p_is_retry then
    perform media.fail_video(p_video, p_attempt, f.reason);
    return 'failed';
  end if;
  update videos set attempt = p_attempt + 1, updated_at = now() where id = p_video;
  insert into video_qualities (video_id, attempt, label, width, height, bitrate)
  select video_id, p_attempt + 1, label, width, height, bitrate
  from video_qualities where video_id = p_video and attempt = p_attempt;
  perform media.enqueue_retry(p_video, p_attempt + 1);
  perform media.tell_owner(p_video, 'video:progress');
  return 'again';
end $$;
