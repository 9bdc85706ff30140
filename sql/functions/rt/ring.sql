-- Rings the doorbell of every process. The only place that notifies, always alone in its transaction:
-- a commit that writes and notifies holds a lock of the whole cluster across its flush.
-- Called by app/pg/bell.py, and by an operator after publishing from psql. Raises nothing.
create function rt.ring(p_frames text[]) returns void
language sql as $$
  select pg_notify('rt', f) from unnest(p_frames) as f
$$;
