-- A folded text with a mark at both ends of each run of letters and digits, so that a word that stands alone is found by
-- comparing characters. No text holds such a mark by itself: the service refuses control characters.
-- Called by chat.word_marks and chat.has_word. Raises nothing.
create function chat.mark_words(p_folded text) returns text
language sql immutable as $$
  select regexp_replace(p_folded, '\w+', E'\u0001\\&\u0001', 'g')
$$;
