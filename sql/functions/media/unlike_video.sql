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
    perform ct.add('video_like', v_video.id, -1);
  end if;
  return jsonb_build_object('like_count', v_video.like_count + ct.waiting('video_like', v_video.id), 'is_liked', false);
end $$;
