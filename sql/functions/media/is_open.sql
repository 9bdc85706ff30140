-- Who may fetch files of a video: true everybody, false whoever holds a token, null nobody (deleted, or private and its
-- owner suspended: what was given to others before must not outlive that).
-- Called by app/routes/media.py through a cache of two seconds at most. Raises nothing.
create function media.is_open(p_public_id text) returns boolean
language sql stable as $$
  select v.visibility in ('public', 'unlisted') from videos v join users u on u.id = v.owner_id
  where v.public_id = p_public_id and v.deleted_at is null
    and (v.visibility in ('public', 'unlisted') or not u.is_banned)
$$;
