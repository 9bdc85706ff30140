-- Hides a video at once and leaves the removal of its objects to a job, which waits so long as it may be taken back.
-- Called by DELETE /api/videos/{id}.
-- Raises not_found.
create function media.delete_video(p_public_id text, p_owner bigint, p_undo_seconds int default 0) returns void
language plpgsql as $$
declare
  v_video videos := media.owned_video(p_public_id, p_owner);
begin
  update videos set deleted_at = now(), updated_at = now() where id = v_video.id;
  perform media.drop_cached(p_public_id);
  perform q.enqueue('default', 'purge_video', jsonb_build_object('video_id', v_video.public_id),
    p_run_at => now() + make_interval(secs => p_undo_seconds), p_ukey => 'purge_video:' || v_video.public_id);
end $$;
