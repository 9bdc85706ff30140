-- A regular expression that finds any of these words in a folded text, null for none. Words of alphabets stand alone
-- (no "ass" in "class"); what is written without spaces (Chinese, Japanese, Thai) is found anywhere.
-- Called by chat.post and chat.find_blocked. Raises nothing.
create function chat.word_pattern(p_words text[]) returns text
language sql immutable as $$
  select string_agg(
    case when left(w, 1) ~ '[[:alnum:]]' and left(w, 1) collate "C" < E'\u0e00' then '\m' else '' end
      || regexp_replace(w, '([^[:alnum:]])', '\\\1', 'g')
      || case when right(w, 1) ~ '[[:alnum:]]' and right(w, 1) collate "C" < E'\u0e00' then '\M' else '' end, '|')
  from (select chat.fold(word) as w from unnest(p_words) word) folded
  where w <> ''
$$;
