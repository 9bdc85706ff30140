-- The same question with each unknown word replaced by the known ones that look most like it.
-- Called by media.search_videos when the text as typed finds nothing. Null when nothing looks like it.
-- Raises nothing.
create function media.correct_query(p_text text) returns tsquery
language plpgsql stable set pg_trgm.similarity_threshold = 0.2 as $$
declare
  v_all tsquery;
  v_one tsquery;
  v_word record;
begin
  for v_word in
    select token, max(gram) as gram, run from media.search_tokens(left(p_text, 200)) where gram = 0
    group by token, run order by run limit 8
  loop
    if exists (select from search_words where word = v_word.token) then
      v_one := format('''%s''', v_word.token)::tsquery;
    else
      select string_agg(format('''%s''', word), ' | ')::tsquery into v_one
      from (
        -- Trigrams find the candidates fast; the number of slips of the finger decides among them.
        select word from search_words
        where word % v_word.token
          and levenshtein_less_equal(word, v_word.token, 2) <= case when length(v_word.token) < 5 then 1 else 2 end
        order by levenshtein_less_equal(word, v_word.token, 2), similarity(word, v_word.token) desc, word limit 3
      ) as near;
      if v_one is null then
        return null;
      end if;
    end if;
    v_all := coalesce(v_all && v_one, v_one);
  end loop;
  v_one := media.search_query(
    (select string_agg(piece, ' ' order by run) from (
      select run, string_agg(token, '' order by place) as piece
      from media.search_tokens(left(p_text, 200)) where gram = 1 group by run) as pieces), true);
  return coalesce(v_all && v_one, v_all, v_one);
end $$;
