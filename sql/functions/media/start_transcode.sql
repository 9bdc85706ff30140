-- Writes down the intent of one transcode before the transcoder is asked; null when there is nothing to do.
-- Called by the job transcode. is_asked: somebody may have asked already and died, so look before asking (again).
-- turn: see media.turn_of.
-- Raises nothing.
create function media.start_transcode(p_video bigint, p_attempt int) returns jsonb
language plpgsql as $$
declare
  v videos;
  t transcode_jobs;
  v_is_new boolean;
begin
  select * into v from videos where id = p_video for update;
  if not found or v.deleted_at is not null or v.attempt <> p_attempt or v.status <> 'transcoding' then
    return null;
  end if;
  insert into transcode_jobs (video_id, attempt, client_token)
  values (p_video, p_attempt, format('vid-%s-a%s', v.public_id, p_attempt))
  on conflict do nothing;
  v_is_new := found;
  select * into t from transcode_jobs where video_id = p_video and attempt = p_attempt;
  if t.job_id is not null or t.status <> 'intended' then
    return null;
  end if;
  return jsonb_build_object('public_id', v.public_id, 'source_key', v.source_key, 'probe', v.probe,
    'client_token', t.client_token, 'turn', media.turn_of(v.id),
    'is_asked', not v_is_new or exists (
      select from transcode_jobs o
      where o.video_id = p_video and o.attempt < p_attempt and o.status in ('intended', 'submitted', 'progressing')),
    'since', (select min(o.created_at) from transcode_jobs o where o.video_id = p_video),
    'rungs', (
      select jsonb_agg(jsonb_build_object('label', k.label, 'width', k.width, 'height', k.height, 'bitrate', k.bitrate)
        order by least(k.width, k.height) desc)
      from video_qualities k where k.video_id = p_video and k.attempt = p_attempt
    ));
end $$;
