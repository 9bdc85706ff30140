-- Appends a batch of events to many channels; returns number and time of each, in the order given.
-- Called by app/pg/stream.py (writers that gather messages while the last flush is in flight).
-- Raises nothing of its own.
create function rt.append(p_channel text[], p_type text[], p_data jsonb[])
returns table (ord bigint, seq bigint, at timestamptz)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with input as materialized (
    select t.ord, t.channel, t.type, t.data,
           row_number() over (partition by t.channel order by t.ord) as nth,
           count(*) over (partition by t.channel) as n
    from unnest(p_channel, p_type, p_data) with ordinality as t(channel, type, data, ord)
  ), bump as (
    -- Sorted, so two batches with the same channels never deadlock.
    insert into rt.stream as s (channel, last_seq)
    select d.channel, d.n from (select distinct i.channel, i.n from input i) d order by d.channel
    on conflict (channel) do update
      set last_seq = s.last_seq + excluded.last_seq, last_at = greatest(s.last_at, clock_timestamp())
    returning s.channel, s.last_seq, s.last_at
  ), written as (
    insert into rt.event (channel, seq, at, type, data)
    select i.channel, b.last_seq - i.n + i.nth, b.last_at, i.type, i.data
    from input i join bump b on b.channel = i.channel
  )
  select i.ord, b.last_seq - i.n + i.nth, b.last_at
  from input i join bump b on b.channel = i.channel order by i.ord;
end $$;
