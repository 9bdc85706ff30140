-- What the source is and which renditions it gets; the transcode follows in the same commit.
-- Called by the job probe. p_facts: see app/clients/probe.py; p_rungs: [{label, width, height, bitrate}]. False when late.
-- Raises nothing.
create function media.save_probe(p_video bigint, p_attempt int, p_facts jsonb, p_rungs jsonb) returns boolean
language plpgsql as $$
begin
  update videos v
  set status = 'transcoding', processing_progress = greatest(v.processing_progress, 5), probe = p_facts,
    duration_seconds = (p_facts->>'duration_seconds')::double precision,
    width = (p_facts->>'width')::int, height = (p_facts->>'height')::int, updated_at = now()
  where v.id = p_video and v.attempt = p_attempt and v.status = 'probing' and v.deleted_at is null;
  if not found then
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
