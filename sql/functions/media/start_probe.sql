-- A video whose source is to be looked at; null when there is nothing to do (deleted, other attempt, further on).
-- Called by the job probe.
-- Raises nothing.
create function media.start_probe(p_video bigint, p_attempt int) returns jsonb
language plpgsql as $$
declare
  v videos;
begin
  select * into v from videos where id = p_video for update;
  if not found or v.deleted_at is not null or v.attempt <> p_attempt
    or v.status not in ('queued', 'probing', 'transcoding') then
    return null;
  end if;
  if v.status = 'queued' then
    update videos set status = 'probing', processing_progress = greatest(processing_progress, 1), updated_at = now()
    where id = p_video;
    perform media.tell_owner(p_video, 'video:progress');
  end if;
  return jsonb_build_object('public_id', v.public_id, 'source_key', v.source_key, 'size', v.size_bytes,
    'is_probed', v.status = 'transcoding', 'probe', v.probe,
    'progressive_path', v.progressive_path, 'poster_path', v.frame_paths[1]);
end $$;
