-- Takes back that a video was deleted, while nothing of it has been removed yet; returns it.
-- Called by POST /api/videos/{id}/restore.
-- Raises not_found, also when it is too late.
create function media.restore_video(p_public_id text, p_owner bigint) returns jsonb
language plpgsql as $$
declare
  v_video videos;
  v_job bigint;
begin
  select * into v_video from videos v
  where v.public_id = p_public_id and v.owner_id = p_owner and v.deleted_at is not null
  for no key update;
  -- Its removal still waits for its time, or it has begun: whoever takes the job's row decides. That of an upload that
  -- was given up waits for nothing.
  delete from q.scheduled s using q.uniq u
  where u.ukey = 'purge_video:' || v_video.public_id and s.id = u.job_id
  returning s.id into v_job;
  if v_job is null then
    perform util.fail(404, 'not_found');
  end if;
  delete from q.uniq where ukey = 'purge_video:' || v_video.public_id and job_id = v_job;
  update videos set deleted_at = null, updated_at = now() where id = v_video.id returning * into v_video;
  perform media.drop_cached(p_public_id);
  return media.video_json(v_video, p_owner);
end $$;
