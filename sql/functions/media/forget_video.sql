-- Removes the rows of a deleted video, after its objects.
-- Called by the job purge_video.
-- Raises nothing.
create function media.forget_video(p_video text) returns void
language sql as $$
  delete from videos v where v.public_id = p_video and v.deleted_at is not null
$$;
