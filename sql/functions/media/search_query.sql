-- The question a search text asks: every word, the last one also as a beginning, every pair of characters.
-- p_loose: any pair of a Chinese, Japanese or Korean run is enough. Null when the text holds nothing to look for.
-- Called by media.search_videos, media.correct_query. Raises nothing.
create function media.search_query(p_text text, p_loose boolean default false) returns tsquery
language sql immutable as $$
  with tokens as (
    select token, gram, run, place, max(gram) over (partition by run) as widest, max(run) over () as last
    from media.search_tokens(left(p_text, 200))
  ), parts as (
    select run, case
      -- A beginning shorter than three letters matches half the library and helps nobody.
      when max(gram) = 0 then max(format('''%s''%s', token,
        case when run = last and length(token) >= 3 then ':*' else '' end))
      when p_loose then '(' || string_agg(format('''%s''', token), ' | ') || ')'
      else string_agg(format('''%s''', token), ' & ' order by place) end as part
    from tokens
    where gram = widest
    group by run, last
  )
  select nullif(string_agg(part, ' & ' order by run), '')::tsquery from parts
$$;
