-- Notes the transcoder's id of a job we asked for; returns the id that counts, which is the first one noted.
-- Called by the job transcode, which cancels its own job when another counts.
-- Raises nothing.
create function media.save_transcode(p_video bigint, p_attempt int, p_job text, p_settings jsonb) returns text
language plpgsql as $$
declare
  v_job text;
begin
  perform from videos where id = p_video for update;
  update transcode_jobs t
  set job_id = coalesce(t.job_id, p_job), settings = p_settings,
    status = case when t.status = 'intended' then 'submitted' else t.status end
  where t.video_id = p_video and t.attempt = p_attempt
  returning t.job_id into v_job;
  return v_job;
end $$;
