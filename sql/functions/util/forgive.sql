-- Forgets what was counted against a key.
-- Called by app/pg/limits.py when an attempt turned out to be rightful (a correct password).
-- Raises nothing.
create function util.forgive(p_key text) returns void language sql as $$
  delete from util.rate where key = p_key
$$;
