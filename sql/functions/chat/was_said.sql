-- Whether one of the last p_among messages of a live, but for p_but, says the same, however it is written.
-- Called by chat.edit_message. chat.post has the same rule, for many at once.
-- Raises nothing.
create function chat.was_said(p_live bigint, p_text text, p_but bigint, p_among integer) returns boolean
language sql stable as $$
  select exists (
    select from (select m.seq, m.text from chat_messages m where m.live_id = p_live order by m.seq desc limit p_among) m
    where m.seq <> p_but and chat.fold(m.text) = chat.fold(p_text))
$$;
