-- Moves a transcode on by one piece of news, forward only: by rank, by percent; what has ended stays ended.
-- Called by the jobs apply_transcode_event (news sent) and sweep_transcodes (news asked for). Returns what it did.
-- Raises nothing.
create function media.apply_transcode_event(p_video text, p_attempt int, p_job text, p_status text,
  p_percent int default null, p_code int default null, p_message text default null)
returns text
language plpgsql as $$
declare
  v videos;
  t transcode_jobs;
  v_new text := case p_status
    when 'SUBMITTED' then 'submitted' when 'INPUT_INFORMATION' then 'progressing'
    when 'PROGRESSING' then 'progressing' when 'STATUS_UPDATE' then 'progressing'
    when 'COMPLETE' then 'complete' when 'ERROR' then 'error' when 'CANCELED' then 'canceled' end;
  v_percent int;
begin
  select * into v from videos where public_id = p_video for update;
  select * into t from transcode_jobs j where j.video_id = v.id and j.attempt = p_attempt;
  if t.video_id is null or coalesce(t.job_id, p_job) <> p_job then
    return 'unknown job';
  elsif v_new is null then
    return 'unknown status';
  elsif t.status in ('complete', 'error', 'canceled') then
    return 'ended already';
  end if;
  v_percent := case when v_new = 'complete' then 100
    else least(100, greatest(t.percent, coalesce(p_percent, 0))) end;
  update transcode_jobs j
  -- A worker killed before it noted the id: the news brings it.
  set job_id = p_job, percent = v_percent, last_event_at = now(), error_code = p_code, error_message = left(p_message, 1000),
    status = case when v_new = 'submitted' and t.status = 'progressing' then t.status else v_new end
  where j.video_id = v.id and j.attempt = p_attempt;
  if v.attempt <> p_attempt or v.status <> 'transcoding' or v.deleted_at is not null then
    return 'not current';
  end if;
  if v_new in ('error', 'canceled') then
    return media.end_transcode(v.id, p_attempt, v_new, p_code, t.is_retry);
  end if;
  -- The look at the source is the first twentieth, tidying up the last.
  update videos set processing_progress = greatest(processing_progress, 5 + v_percent * 90 / 100), updated_at = now()
  where id = v.id;
  update video_qualities k set progress = greatest(k.progress, v_percent), status = 'working'
  where k.video_id = v.id and k.attempt = p_attempt and (k.status = 'pending' or k.progress < v_percent);
  -- Nothing to tell when nothing moved.
  if found then
    perform media.tell_owner(v.id, 'video:progress');
  end if;
  if v_new = 'complete' then
    perform media.enqueue_step('finish', v.id, p_attempt);
  end if;
  return v_new;
end $$;
