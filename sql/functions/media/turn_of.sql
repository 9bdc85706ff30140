-- How many videos of the same person are on their way before this one: its turn among theirs, from 0.
-- Called by media.enqueue_step, media.start_transcode. People take turns by it: everybody's first comes before
-- anybody's second, however many one person brings.
-- Raises nothing.
create function media.turn_of(p_video bigint) returns int
language sql stable as $$
  select count(*)::int
  from videos v join videos o on o.owner_id = v.owner_id and o.id < v.id
  where v.id = p_video and o.status in ('queued', 'probing', 'transcoding') and o.deleted_at is null
$$;
