-- What a live's rules find in a text: 'word', 'link', or null.
-- Called by chat.edit_message. chat.post has the same rule, for many at once.
-- Raises nothing.
create function chat.find_blocked(p_live bigint, p_text text) returns text
language sql stable as $$
  select case when chat.has_word(chat.fold(p_text), chat.word_marks(r.blocked_words)) then 'word'
    when r.link_rule <> 'allow' and chat.has_link(chat.fold(p_text)) then 'link' end
  from chat_rules r where r.live_id = p_live
$$;
