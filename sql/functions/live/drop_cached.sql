-- Makes the cached first pages of lives invalid, for they may name one that changes.
-- Called by live.create_live and live.tell_changed; app/pg/live_lists.py names the keys. Callers ring afterwards.
-- Raises nothing.
create function live.drop_cached() returns void
language sql as $$
  select cache.drop(array['lives:live:12', 'lives:live:24', 'lives:upcoming:6', 'lives:upcoming:24', 'lives:past:24'])
$$;
