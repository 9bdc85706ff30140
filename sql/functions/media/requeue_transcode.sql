-- Asks for the transcode of an attempt again when its job is gone; nothing when it waits or runs.
-- Called by the job sweep_transcodes for intents that never got the transcoder's id.
-- Raises nothing.
create function media.requeue_transcode(p_video bigint, p_attempt int) returns void
language sql as $$
  select media.enqueue_step('transcode', v.id, v.attempt)
  from videos v where v.id = p_video and v.attempt = p_attempt and v.status = 'transcoding' and v.deleted_at is null
$$;
