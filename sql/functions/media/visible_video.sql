-- The one rule of who may see a video: everybody what is public or unlisted, the owner everything. p_viewer null: a guest.
-- Called by every function that reads or touches a video on behalf of a viewer.
-- Raises not_found, for the unknown, the deleted and other people's private ones alike.
create function media.visible_video(p_public_id text, p_viewer bigint) returns videos
language plpgsql stable as $$
declare
  v_video videos;
begin
  select * into v_video from videos v where v.public_id = p_public_id and v.deleted_at is null;
  if not found or (v_video.visibility = 'private' and v_video.owner_id is distinct from p_viewer) then
    perform util.fail(404, 'not_found');
  end if;
  return v_video;
end $$;
