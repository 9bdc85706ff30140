-- Remembers the words of a text, so that misspelt ones can be compared with them.
-- Called by media.update_video.
-- Raises nothing.
create function media.learn_words(p_text text) returns void
language sql as $$
  -- In order: two writers that learn the same words must not wait for each other in a circle.
  insert into search_words (word)
  select distinct token from media.search_tokens(p_text)
  where gram = 0 and length(token) between 4 and 32 and token !~ '^[0-9]+$'
  order by token
  on conflict do nothing
$$;
