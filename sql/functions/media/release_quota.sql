-- Gives back what a video holds of its owner's quota; the second time there is nothing left to give.
-- Called by media.end_upload, media.start_purge. The caller holds the video's row lock.
-- Raises nothing.
create function media.release_quota(p_video bigint) returns void
language sql as $$
  with held as (
    update videos v set reserved_bytes = 0
    from (select id, owner_id, reserved_bytes from videos where id = p_video for update) as o
    where v.id = o.id and o.reserved_bytes > 0
    returning o.owner_id, o.reserved_bytes
  )
  update users u set storage_used_bytes = greatest(0, u.storage_used_bytes - held.reserved_bytes)
  from held where u.id = held.owner_id
$$;
