-- Takes the texts, and what they quote, out of a stretch of events that told messages cleared away; returns where to
-- go on, null at the end.
-- Called by job scrub_chat: a busy chat has too many for the commit that clears it.
-- Raises nothing.
create function chat.scrub(p_live text, p_after bigint, p_up_to bigint, p_limit integer) returns bigint
language plpgsql as $$
declare
  v_last bigint := least(p_after + p_limit, p_up_to);
begin
  update rt.event e set data = jsonb_set(e.data - 'reply', '{text}', '""')
  where e.channel = 'live:' || p_live and e.seq > p_after and e.seq <= v_last
    and e.type in ('chat:message', 'chat:edited', 'chat:pinned') and (e.data ->> 'text' <> '' or e.data ? 'reply');
  return nullif(v_last, p_up_to);
end $$;
