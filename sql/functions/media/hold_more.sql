-- Takes so many bytes more of a video's owner's storage for it, or gives them back (p_bytes below zero).
-- Called by media.put_caption, media.delete_caption. The caller holds the video's row lock; media.release_quota gives
-- back all of it. Raises quota_exceeded.
create function media.hold_more(p_video bigint, p_bytes bigint) returns void
language plpgsql as $$
begin
  update users u set storage_used_bytes = greatest(0, u.storage_used_bytes + p_bytes)
  from videos v where v.id = p_video and u.id = v.owner_id
    -- What is given back is always taken, also from somebody who was left with less than is in use.
    and (p_bytes <= 0 or u.storage_used_bytes + p_bytes <= u.storage_quota_bytes);
  if not found then
    perform util.fail(409, 'quota_exceeded');
  end if;
  update videos v set reserved_bytes = greatest(0, v.reserved_bytes + p_bytes) where v.id = p_video;
end $$;
