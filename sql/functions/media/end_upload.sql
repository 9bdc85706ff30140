-- Ends an open upload: quota is free at once, its video is gone, a job removes what lies in S3.
-- Called by media.cancel_upload (aborted), media.expire_uploads (expired). The caller holds the upload's row lock.
-- Raises nothing.
create function media.end_upload(p_upload bigint, p_status text) returns void
language plpgsql as $$
declare
  v_video bigint;
begin
  update uploads u set status = p_status, updated_at = now() where u.id = p_upload returning u.video_id into v_video;
  update videos v set deleted_at = now(), updated_at = now() where v.id = v_video and v.deleted_at is null;
  -- Never playable, so in no list; many uploads end in one commit, which must not hold the lists' keys.
  perform cache.drop(array['video:' || v.public_id]) from videos v where v.id = v_video;
  perform media.release_quota(v_video);
  perform q.enqueue('default', 'purge_video', jsonb_build_object('video_id', v.public_id),
    p_ukey => 'purge_video:' || v.public_id) from videos v where v.id = v_video;
end $$;
