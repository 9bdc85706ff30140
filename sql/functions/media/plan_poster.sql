-- A picture will be stored at this path: should its sender die before it is shown, it is swept later.
-- Called by PUT /api/videos/{id}/poster, before it stores the picture.
-- Raises not_found.
create function media.plan_poster(p_public_id text, p_owner bigint, p_path text, p_hours double precision) returns void
language plpgsql as $$
begin
  perform media.owned_video(p_public_id, p_owner);
  perform q.enqueue('default', 'poster:sweep', jsonb_build_object('video_id', p_public_id, 'path', p_path),
    p_run_at => now() + make_interval(secs => p_hours * 3600));
end $$;
