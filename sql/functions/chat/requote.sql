-- Puts what messages say now, nothing when they are gone, into the quotes that answers to them carry in their events,
-- the newest p_limit of those that say something else; returns how many.
-- Called by chat.rewrite, and by the job requote_chat while there are more. Raises nothing.
create function chat.requote(p_live text, p_seq bigint[], p_limit integer) returns integer
language sql as $$
  -- Or a text read just before it was taken away could be written just after.
  select chat.lock_rooms(array[p_live]);
  with due as (
    select e.channel, e.seq, e.at, q.text
    from lives v
    join chat_messages o on o.live_id = v.id and o.seq = any(p_seq)
    cross join lateral (select case when o.deleted_at is null then left(o.text, 120) else '' end) as q(text)
    join chat_messages a on a.live_id = v.id and a.reply_to = o.seq
    -- The time as well as the number: one day's table is opened, not each.
    join rt.event e on e.channel = 'live:' || p_live and e.seq = a.seq and e.at = a.at
    where v.public_id = p_live and e.data #>> '{reply,text}' <> q.text
    order by e.seq desc limit p_limit
  ), told as (
    update rt.event e set data = jsonb_set(e.data, '{reply,text}', to_jsonb(d.text))
    from due d where e.channel = d.channel and e.seq = d.seq and e.at = d.at returning 1
  )
  select count(*)::integer from told
$$;
