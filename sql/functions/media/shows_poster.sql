-- Whether a video shows this picture.
-- Called by the job poster:sweep.
-- Raises nothing.
create function media.shows_poster(p_public_id text, p_path text) returns boolean
language sql stable as $$
  select exists (select from videos v where v.public_id = p_public_id and v.poster_path = p_path)
$$;
