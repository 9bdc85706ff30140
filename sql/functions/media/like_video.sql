-- The viewer likes a video; liking twice changes nothing. The like's own row decides, whoever comes first.
-- Called by PUT /api/videos/{id}/like.
-- Raises not_found.
create function media.like_video(p_public_id text, p_user bigint) returns jsonb
language plpgsql as $$
declare
  v_video videos := media.visible_video(p_public_id, p_user);
begin
  insert into video_likes (video_id, user_id) values (v_video.id, p_user) on conflict do nothing;
  if found then
    update videos set like_count = like_count + 1 where id = v_video.id returning like_count into v_video.like_count;
  end if;
  return jsonb_build_object('like_count', v_video.like_count, 'is_liked', true);
end $$;
