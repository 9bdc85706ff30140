-- The owner tries a failed video again, from the start, as a new attempt.
-- Called by POST /api/videos/{id}/retry.
-- Raises not_found, video_not_failed.
create function media.retry_video(p_owner bigint, p_video text) returns void
language plpgsql as $$
declare
  v videos;
begin
  select * into v from videos where public_id = p_video and owner_id = p_owner and deleted_at is null for update;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v.status <> 'failed' or v.source_key is null then
    perform util.fail(409, 'video_not_failed');
  end if;
  update videos
  set status = 'queued', reason = null, processing_progress = 0, attempt = v.attempt + 1, updated_at = now()
  where id = v.id;
  perform media.enqueue_step('probe', v.id, v.attempt + 1);
  perform media.tell_owner(v.id, 'video:progress');
end $$;
