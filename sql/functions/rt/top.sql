-- Highest number and its time for each channel asked; a channel that never had an event has number 0.
-- Called by app/pg/stream.py when a browser subscribes and as the slow safety poll.
-- Raises nothing.
create function rt.top(p_channel text[])
returns table (channel text, last_seq bigint, last_at timestamptz)
language sql stable as $$
  select c.channel, coalesce(s.last_seq, 0), coalesce(s.last_at, '-infinity')
  from unnest(p_channel) as c(channel) left join rt.stream s on s.channel = c.channel
$$;
