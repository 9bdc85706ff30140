-- Channels with events since a time, each with its highest number.
-- Called by app/pg/stream.py each second, and when a doorbell says only "something happened".
-- Raises nothing.
create function rt.recent(p_since timestamptz) returns table (channel text, last_seq bigint)
language sql stable as $$
  select e.channel, max(e.seq) from rt.event e where e.at >= p_since group by e.channel
$$;
