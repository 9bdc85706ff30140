-- Appends one event to a channel, as the last statement of the business transaction; returns its number.
-- Called by any SQL function that changes what a browser shows. Never notifies: the caller's process rings.
-- Raises nothing of its own.
create function rt.publish(p_channel text, p_type text, p_data jsonb) returns bigint
language plpgsql as $$
declare
  v_seq bigint;
  v_at timestamptz;
begin
  -- The time is read after the row lock, so it grows with the number within a channel.
  insert into rt.stream as s (channel, last_seq) values (p_channel, 1)
  on conflict (channel) do update
    set last_seq = s.last_seq + 1, last_at = greatest(s.last_at, clock_timestamp())
  returning s.last_seq, s.last_at into v_seq, v_at;
  insert into rt.event (channel, seq, at, type, data) values (p_channel, v_seq, v_at, p_type, p_data);
  return v_seq;
end $$;
