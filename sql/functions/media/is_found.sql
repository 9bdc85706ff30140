-- Whether a question finds any public video.
-- Called by media.search_videos.
-- Raises nothing.
create function media.is_found(p_query tsquery) returns boolean
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
  return exists (
    select from videos
    where visibility = 'public' and deleted_at is null and (hls_path is not null or progressive_path is not null)
      and search @@ p_query
    -- The order keeps a walk over the whole table out: rows of a rare word come from its index, of a common one soon.
    order by view_count desc limit 1);
end $$;
