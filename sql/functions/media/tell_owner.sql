-- Appends where a video stands to its owner's channel and drops its cached page, in the commit that moved it.
-- Called by every function that changes a video's state. Types: video:progress, video:ready, video:failed.
-- Raises nothing.
create function media.tell_owner(p_video bigint, p_type text) returns void
language sql as $$
  select cache.drop(array['video:' || v.public_id]) from videos v where v.id = p_video;
  select rt.publish('user:' || v.owner_id, p_type, jsonb_strip_nulls(jsonb_build_object(
    'video_id', v.public_id,
    'status', v.status,
    'reason', v.reason,
    'progress', v.processing_progress,
    'is_playable', v.hls_path is not null or v.progressive_path is not null,
    'visibility', v.visibility,
    'poster', v.poster_path,
    'qualities', (
      select coalesce(jsonb_agg(jsonb_build_object('label', k.label, 'progress', k.progress, 'status', k.status)
        order by least(k.width, k.height) desc), '[]')
      from video_qualities k where k.video_id = v.id and k.attempt = v.attempt
    )
  )))
  from videos v where v.id = p_video and v.deleted_at is null
$$;
