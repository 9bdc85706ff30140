-- A page from the lives found (one more than the page holds means there is another page).
-- Called by live.list_lives and live.list_mine. p_sort names the list in its cursor.
-- Raises nothing.
create function live.page_json(p_sort text, p_lives lives[], p_limit int) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'items', live.cards(array(select v.id from unnest(p_lives[:p_limit]) as v)),
    'next_cursor', case when cardinality(p_lives) > p_limit then util.cursor_text(p_sort,
      case p_sort
        when 'live' then (extract(epoch from p_lives[p_limit].started_at) * 1000000)::bigint
        when 'upcoming' then (extract(epoch from p_lives[p_limit].scheduled_at) * 1000000)::bigint
        when 'past' then (extract(epoch from p_lives[p_limit].ended_at) * 1000000)::bigint
        else 0 end,
      p_lives[p_limit].id) end)
$$;
