-- Where a browser finds a file of a video; a private one's address still needs a token in place of the star.
-- Called by functions that build JSON; app/routes/media_urls.py puts the token in.
-- Raises nothing.
create function media.media_url(p_visibility text, p_public_id text, p_path text) returns text language sql immutable as $$
  select '/media/' || case p_visibility when 'private' then '*' else '-' end || '/' || p_public_id || '/' || p_path
$$;
