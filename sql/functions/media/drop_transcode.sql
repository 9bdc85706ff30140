-- Notes that a job of an earlier attempt was cancelled at the transcoder.
-- Called by the job transcode after it looked what runs for this video.
-- Raises nothing.
create function media.drop_transcode(p_video bigint, p_before int) returns void
language sql as $$
  update transcode_jobs t set status = 'canceled'
  where t.video_id = p_video and t.attempt < p_before and t.status in ('intended', 'submitted', 'progressing')
$$;
