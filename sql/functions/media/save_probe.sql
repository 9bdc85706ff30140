-- What the source is and which renditions it gets; the transcode follows in the same commit. False when late, and when
-- its owner's minutes of a day (p_minutes, of all renditions) are used up: then the video has failed for that reason.
-- Called by the job probe. p_facts: see app/clients/probe.py; p_rungs: [{label, width, height, bitrate}].
-- Raises nothing.
create function media.save_probe(p_video bigint, p_attempt int, p_facts jsonb, p_rungs jsonb, p_minutes int default null)
returns boolean
language plpgsql as $$
declare
  v_owner bigint;
  v_minutes double precision := coalesce((p_facts->>'duration_seconds')::double precision, 0) / 60
    * jsonb_array_length(p_rungs);
begin
  update videos v
  set status = 'transcoding', processing_progress = greatest(v.processing_progress, 5), probe = p_facts,
    duration_seconds = (p_facts->>'duration_seconds')::double precision,
    width = (p_facts->>'width')::int, height = (p_facts->>'height')::int, updated_at = now()
  where v.id = p_video and v.attempt = p_attempt and v.status = 'probing' and v.deleted_at is null
  returning v.owner_id into v_owner;
  if not found then
    return false;
  end if;
  if not media.charge_minutes(v_owner, v_minutes, p_minutes) then
    perform media.fail_video(p_video, p_attempt, 'minutes_used_up');
    return false;
  end if;
  insert into video_qualities (video_id, attempt, label, width, height, bitrate)
  select p_video, p_attempt, r.label, r.width, r.height, r.bitrate
  from jsonb_to_recordset(p_rungs) as r(label text, width int, height int, bitrate int)
  on conflict do nothing;
  perform media.enqueue_step('transcode', p_video, p_attempt);
  perform media.tell_owner(p_video, 'video:progress');
  return true;
end $$;
