-- The words of a text in order, lower case and full-width folded; Chinese, Japanese and Korean runs as single
-- characters (gram 1) and overlapping pairs (gram 2); other words have gram 0. No token holds a quote or backslash.
-- Called by media.search_document, media.search_query, media.learn_words, media.correct_query. Raises nothing.
create function media.search_tokens(p_text text) returns table (token text, gram int, run bigint, place int)
language sql immutable as $$
  with runs as (
    select m[1] as wide, m[2] as word, n
    from regexp_matches(lower(normalize(p_text, NFKC)),
      '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+)' ||
      '|([^\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff' ||
      '\uac00-\ud7a3\uf900-\ufaff\ufe00-\ufe6f\uff00-\uff0f\U00020000-\U0003ffff]+)', 'g')
      with ordinality as r(m, n)
  )
  select left(word, 64), 0, n, 1 from runs where word is not null
  union all
  select substr(wide, i, size), size, n, i
  from runs, generate_series(1, length(wide)) as i, generate_series(1, 2) as size
  where wide is not null and i + size - 1 <= length(wide)
$$;
