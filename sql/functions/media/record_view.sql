-- The video's number when this viewer is to be counted now, null when it was counted within the last hour.
-- Called by POST /api/videos/{id}/views, which adds to the process's own counter: no row of the video is locked.
-- Raises not_found.
create function media.record_view(p_public_id text, p_viewer bigint, p_viewer_hash bytea,
  p_now timestamptz default now()) returns bigint
language plpgsql as $$
declare
  v_video videos := media.visible_video(p_public_id, p_viewer);
begin
  insert into video_viewers as seen (video_id, viewer, counted_at) values (v_video.id, p_viewer_hash, p_now)
  on conflict (video_id, viewer) do update set counted_at = excluded.counted_at
    where seen.counted_at <= excluded.counted_at - interval '1 hour';
  return case when found then v_video.id end;
end $$;
