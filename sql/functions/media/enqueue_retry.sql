-- The intent of a transcode that repeats one after a passing error, and its job.
-- Called by media.end_transcode.
-- Raises nothing.
create function media.enqueue_retry(p_video bigint, p_attempt int) returns void
language plpgsql as $$
begin
  perform media.enqueue_step('transcode', p_video, p_attempt);
  insert into transcode_jobs (video_id, attempt, client_token, is_retry)
  select p_video, p_attempt, format('vid-%s-a%s', public_id, p_attempt), true from videos where id = p_video;
end $$;
