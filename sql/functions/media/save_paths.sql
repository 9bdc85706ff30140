-- The source can be played as it is, or has its poster: browsers are told. A null path changes nothing.
-- Called by the job probe. Paths are those behind vod/<public id>/. False when the video is gone.
-- Raises nothing.
create function media.save_paths(p_video bigint, p_progressive text, p_poster text) returns boolean
language plpgsql as $$
begin
  update videos v
  set progressive_path = coalesce(p_progressive, v.progressive_path), poster_path = case when v.poster_path like 'poster/%' then v.poster_path else coalesce(p_poster, v.poster_path) end,
    frame_paths = case when p_poster is null then v.frame_paths else array[p_poster] end,
    -- What can be played can be found: lists order by this time. What is private gets it when it is published.
    published_at = coalesce(v.published_at,
      case when p_progressive is not null and v.visibility = 'public' then now() end), updated_at = now()
  where v.id = p_video and v.deleted_at is null;
  if not found then
    return false;
  end if;
  perform media.drop_cached(public_id),
    media.tell_owner(p_video, case when status = 'ready' then 'video:ready' else 'video:progress' end)
  from videos where id = p_video;
  return true;
end $$;
