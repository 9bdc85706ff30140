-- Whether a folded text holds one of some words (chat.word_marks). Character by character, not as one regular
-- expression: what two hundred words cost is then bounded (milliseconds at most), whoever chose them.
-- Called by chat.post and chat.find_blocked. Raises nothing.
create function chat.has_word(p_folded text, p_marks text[]) returns boolean
language sql immutable as $$
  select exists (
    select from (select chat.mark_words(p_folded) as text offset 0) marked
    cross join unnest(p_marks) w where strpos(marked.text, w) > 0)
$$;
