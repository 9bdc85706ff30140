-- The viewer takes a like back; doing it twice changes nothing.
-- Called by DELETE /api/videos/{id}/like.
-- Raises not_found.
create function media.unlike_video(p_public_id text, p_user bigint) returns jsonb
language plpgsql as $$
declare
  v_video videos := media.visible_video(p_public_id, p_user);
begin
  delete from video_likes where video_id = v_video.id and user_id = p_user;
  if found then
    update videos set like_count = like_count - 1 where id = v_video.id returning like_count into v_video.like_count;
  end if;
  return jsonb_build_object('like_count', v_video.like_count, 'is_liked', false);
end $$;
