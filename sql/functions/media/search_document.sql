-- What search sees of a video: title (A), tags (B), description (D).
-- Called by media.update_video.
-- Raises nothing.
create function media.search_document(p_title text, p_description text, p_tags text[]) returns tsvector
language sql immutable as $$
  -- Positions only carry the weight: pairs of characters stand in for phrases.
  select coalesce(string_agg(format('''%s'':%s', token, places), ' '), '')::tsvector
  from (
    select token, string_agg(place || weight, ',') as places
    from (
      select distinct token, 1 as place, 'A' as weight from media.search_tokens(p_title)
      union all select distinct token, 2, 'B' from unnest(p_tags) as tag, media.search_tokens(tag)
      union all select distinct token, 3, 'D' from media.search_tokens(p_description)
    ) as weighed
    group by token
  ) as tokens
$$;
