-- Adds to one counter in the caller's own commit, for counts that must be exact. A slot per connection, so that a
-- crowd does not wait for one row.
-- Called by media.like_video and media.unlike_video.
-- Raises nothing.
create function ct.add(p_kind text, p_id bigint, p_n bigint) returns void
language sql as $$
  insert into ct.counter as c (kind, id, slot, n) values (p_kind, p_id, (pg_backend_pid() % 64)::smallint, p_n)
  on conflict (kind, id, slot) do update set n = c.n + excluded.n
$$;
