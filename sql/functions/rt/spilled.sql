-- Passing events by the ids a doorbell named, unless they came too late to be of use.
-- Called by app/pg/listener.py.
-- Raises nothing.
create function rt.spilled(p_id bigint[]) returns table (channel text, type text, data text)
language sql stable as $$
  select b.channel, b.type, b.data from rt.blob b
  where b.id = any(p_id) and b.at > clock_timestamp() - interval '1 second' order by b.id
$$;
