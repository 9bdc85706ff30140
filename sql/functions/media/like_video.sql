-- The viewer likes a video; liking twice changes nothing. The like's own row decides, whoever comes first; the video's
-- row is not touched, so that a crowd that likes one video does not queue up for it.
-- Called by PUT /api/videos/{id}/like. Raises not_found.
create function media.like_video(p_public_id text, p_user bigint) returns jsonb
language plpgsql as $$
declare
  v_video videos := media.visible_video(p_public_id, p_user);
begin
  insert into video_likes (video_id, user_id) values (v_video.id, p_user) on conflict do nothing;
  if found then
    perform ct.add('video_like', v_video.id, 1);
  end if;
  return jsonb_build_object('like_count', v_video.like_count + ct.waiting('video_like', v_video.id), 'is_liked', true);
end $$;
