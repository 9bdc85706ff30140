-- Puts another text, or none, in the events that told messages or quote them: whoever catches up later must not read
-- what was taken away. Called by chat.edit_message, chat.remove_message, chat.restore and chat.restrict, which hold the chat, after
-- the messages were changed. Raises nothing.
create function chat.rewrite(p_live lives, p_seq bigint[], p_text text default '') returns void
language plpgsql as $$
declare
  v_channel text := 'live:' || p_live.public_id;
  v_since timestamptz;
  v_is_retold boolean;
  -- So many answers are mended in this commit; a job does the rest of a crowd's.
  v_most constant integer := 500;
begin
  select min(m.at), bool_or(m.edited_at is not null or m.seq = r.pinned_seq) into v_since, v_is_retold
  from chat_messages m join chat_rules r on r.live_id = m.live_id where m.live_id = p_live.id and m.seq = any(p_seq);
  update rt.event e set data = jsonb_set(e.data, '{text}', to_jsonb(p_text))
  where e.channel = v_channel and e.at >= v_since and e.seq = any(p_seq) and e.type = 'chat:message';
  if v_is_retold then
    update rt.event e set data = jsonb_set(e.data, '{text}', to_jsonb(p_text))
    where e.channel = v_channel and e.at >= v_since and e.seq > (select min(s) from unnest(p_seq) s)
      and e.type in ('chat:edited', 'chat:pinned') and (e.data ->> 'seq')::bigint = any(p_seq);
  end if;
  if chat.requote(p_live.public_id, p_seq, v_most) = v_most then
    perform q.enqueue('default', 'requote_chat', jsonb_build_object('live', p_live.public_id, 'seqs', p_seq));
  end if;
end $$;
