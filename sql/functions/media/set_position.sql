-- Remembers where a viewer stopped; near the end of the video there is nothing left to resume.
-- Called by PUT /api/videos/{id}/position.
-- Raises not_found.
create function media.set_position(p_public_id text, p_user bigint, p_seconds double precision) returns void
language plpgsql as $$
declare
  v_video videos := media.visible_video(p_public_id, p_user);
  v_length double precision := coalesce(v_video.duration_seconds, 'infinity');
begin
  if p_seconds >= v_length - least(10, v_length * 0.05) then
    delete from video_positions where user_id = p_user and video_id = v_video.id;
  else
    insert into video_positions as p (user_id, video_id, seconds) values (p_user, v_video.id, p_seconds)
    on conflict (user_id, video_id) do update set seconds = excluded.seconds, updated_at = now();
  end if;
end $$;
