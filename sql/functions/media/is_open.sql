-- Whether files of a video may be fetched without a token.
-- Called by app/routes/media.py through a cache of two seconds at most.
-- Raises nothing.
create function media.is_open(p_public_id text) returns boolean
language sql stable as $$
  select exists (select from videos v
    where v.public_id = p_public_id and v.deleted_at is null and v.visibility in ('public', 'unlisted'))
$$;
