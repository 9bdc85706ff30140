-- Keeps passing events that do not fit a notification for the second they are worth; returns their ids in order.
-- Called by app/pg/bell.py, which rings the ids afterwards.
-- Raises nothing of its own.
create function rt.spill(p_channel text[], p_type text[], p_data text[]) returns table (id bigint)
language sql as $$
  insert into rt.blob (channel, type, data)
  select t.channel, t.type, t.data
  from unnest(p_channel, p_type, p_data) with ordinality as t(channel, type, data, ord) order by t.ord
  returning rt.blob.id
$$;
