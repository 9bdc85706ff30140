-- Adds the job for one step of a video's processing; none when that step is waiting or running already.
-- Called by the functions that move a video on. Steps: probe, transcode, finish. People take turns (media.turn_of).
-- Raises nothing of its own.
create function media.enqueue_step(p_kind text, p_video bigint, p_attempt int) returns void
language sql as $$
  select q.enqueue(
    case when p_kind = 'transcode' then 'transcode' else 'media' end,
    p_kind,
    jsonb_build_object('video_id', p_video, 'attempt', p_attempt),
    p_ukey => format('%s:%s:%s', p_kind, p_video, p_attempt),
    p_priority => least(media.turn_of(p_video), 32767)::smallint
  )
$$;
