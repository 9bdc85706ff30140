-- Takes the chats of these lives for this transaction: whoever changes a chat holds the row that numbers its channel,
-- so that a rule, a ban and a message each see what came before. Sorted: two batches never deadlock.
-- Called by chat.post and by every function that moderates. Raises nothing; unknown lives are left out.
create function chat.lock_rooms(p_live text[]) returns void
language plpgsql as $$
declare
  v_channels text[] := (select array_agg(distinct 'live:' || l) from unnest(p_live) l);
begin
  -- New rows first, while nothing is held: a new row is a lock, and taken later it would be out of order.
  if (select count(*) from rt.stream s where s.channel = any(v_channels)) < cardinality(v_channels) then
    insert into rt.stream (channel)
    select 'live:' || l.public_id from lives l where l.public_id = any(p_live) order by l.public_id collate "C"
    on conflict do nothing;
  end if;
  perform from rt.stream s where s.channel = any(v_channels) order by s.channel for no key update;
end $$;
