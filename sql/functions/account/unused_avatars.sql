-- Which of these pictures are nobody's.
-- Called by the job clean_avatars, with what lies in S3 for long enough.
-- Raises nothing.
create function account.unused_avatars(p_keys text[]) returns table (key text) language sql stable as $$
  select k from unnest(p_keys) as k
  except
  select u.avatar_key from users u where u.avatar_key = any (p_keys)
$$;
