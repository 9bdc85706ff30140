-- Makes invalid what guests are shown of a video: its page, and the two lists of the home page it may stand in.
-- Called by the functions that change what guests see; app/pg/guests.py names the keys. Callers ring afterwards.
-- Raises nothing.
create function media.drop_cached(p_public_id text) returns void
language sql as $$
  select cache.drop(array['video:' || p_public_id, 'videos:newest', 'videos:popular'])
$$;
