-- A video whose transcode is complete and waits for the last step; null when there is nothing to do.
-- Called by the job finish.
-- Raises nothing.
create function media.start_finish(p_video bigint, p_attempt int) returns jsonb
language sql stable as $$
  select jsonb_build_object('public_id', v.public_id, 'source_key', v.source_key, 'probe', v.probe,
    'poster_path', v.frame_paths[1],
    'rungs', (
      select jsonb_agg(jsonb_build_object('label', k.label, 'width', k.width, 'height', k.height)
        order by least(k.width, k.height) desc)
      from video_qualities k where k.video_id = v.id and k.attempt = v.attempt
    ))
  from videos v join transcode_jobs t on t.video_id = v.id and t.attempt = v.attempt
  where v.id = p_video and v.attempt = p_attempt and v.status = 'transcoding' and v.deleted_at is null
    and t.status = 'complete'
$$;
