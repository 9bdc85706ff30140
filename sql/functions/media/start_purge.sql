-- What is to be removed outside for a deleted video; its quota is free from here on. Null when it is gone already.
-- Called by the job purge_video, which ends with media.forget_video.
-- Raises nothing.
create function media.start_purge(p_video text) returns jsonb
language plpgsql as $$
declare
  v videos;
begin
  select * into v from videos where public_id = p_video and deleted_at is not null for update;
  if not found then
    return null;
  end if;
  update uploads u set status = 'aborted', updated_at = now()
  where u.video_id = v.id and u.status in ('open', 'completing');
  perform media.release_quota(v.id);
  return jsonb_build_object('public_id', v.public_id,
    -- No step begins for a deleted video, but one that runs may store one more object.
    'is_in_work', exists (
      select from q.uniq u join q.job j on j.id = u.job_id
      where u.ukey in (format('probe:%s:%s', v.id, v.attempt), format('finish:%s:%s', v.id, v.attempt))
        and j.leased_by is not null),
    'uploads', (
      select coalesce(jsonb_agg(jsonb_build_object('storage_key', u.storage_key,
        'storage_upload_id', u.storage_upload_id, 'is_completed', u.status = 'completed')), '[]')
      from uploads u where u.video_id = v.id),
    'intents', (
      select coalesce(jsonb_agg(jsonb_build_object('job_id', t.job_id, 'attempt', t.attempt, 'created_at', t.created_at)), '[]')
      from transcode_jobs t where t.video_id = v.id and t.status in ('intended', 'submitted', 'progressing')));
end $$;
