-- Transcodes without news for p_seconds, longest silent first, at most p_limit; notes that they are being asked about.
-- Called by the job sweep_transcodes.
-- Raises nothing.
create function media.silent_transcodes(p_seconds int, p_limit int) returns jsonb
language sql as $$
  with silent as (
    select t.video_id, t.attempt
    from transcode_jobs t join videos v on v.id = t.video_id and v.attempt = t.attempt
    where t.status in ('intended', 'submitted', 'progressing') and v.status = 'transcoding' and v.deleted_at is null
      and greatest(t.created_at, t.last_event_at, t.checked_at) <= now() - make_interval(secs => p_seconds)
    order by t.created_at limit p_limit for update of t skip locked
  ), asked as (
    update transcode_jobs t set checked_at = now() from silent s
    where t.video_id = s.video_id and t.attempt = s.attempt
    returning t.video_id, t.attempt, t.job_id
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', a.video_id, 'video_id', v.public_id, 'attempt', a.attempt,
    'job_id', a.job_id)), '[]')
  from asked a join videos v on v.id = a.video_id
$$;
