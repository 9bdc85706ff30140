-- A page from the ids found (one more than the page holds means there is another page).
-- Called by media.list_videos and media.search_videos.
-- Raises nothing.
create function media.page_json(p_viewer bigint, p_sort text, p_ids bigint[], p_keys bigint[], p_limit int) returns text
language sql stable as $$
  select json_build_object(
    'items', media.cards(p_ids[:p_limit], p_viewer),
    'next_cursor', case when cardinality(p_ids) > p_limit
      then util.cursor_text(p_sort, p_keys[p_limit], p_ids[p_limit]) end)::text
$$;
