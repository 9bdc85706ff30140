-- Events after a number, for many channels in one query, at most p_limit of each; in order.
-- Called by app/pg/stream.py. p_since: time of the last event seen, so older days are not opened.
-- Raises nothing. A caller that gets another number than the next one has lost events to retention.
create function rt.catch_up(p_channel text[], p_after bigint[], p_since timestamptz[], p_limit integer)
returns table (ord bigint, channel text, seq bigint, at timestamptz, type text, data jsonb)
language sql stable as $$
  select w.ord, e.channel, e.seq, e.at, e.type, e.data
  from unnest(p_channel, p_after, p_since) with ordinality as w(channel, after, since, ord)
  cross join lateral (
    select e.channel, e.seq, e.at, e.type, e.data from rt.event e
    where e.channel = w.channel and e.seq > w.after and e.at >= coalesce(w.since, '-infinity')
    order by e.seq limit p_limit
  ) e
$$;
