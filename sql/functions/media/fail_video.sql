-- Processing of this attempt ends here, with a reason people understand. A finished video is not touched.
-- Called by the jobs probe, transcode, finish; media.apply_transcode_event, media.fail_stranded. False when late.
-- Raises nothing.
create function media.fail_video(p_video bigint, p_attempt int, p_reason text) returns boolean
language plpgsql as $$
begin
  update videos v set status = 'failed', reason = p_reason, updated_at = now()
  where v.id = p_video and v.attempt = p_attempt and v.deleted_at is null
    and v.status in ('queued', 'probing', 'transcoding');
  if not found then
    return false;
  end if;
  update video_qualities k set status = 'failed'
  where k.video_id = p_video and k.attempt = p_attempt and k.status <> 'ready';
  perform media.tell_owner(p_video, 'video:failed');
  return true;
end $$;
