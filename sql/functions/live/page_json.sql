-- A page from the lives found (one more than the page holds means there is another page).
-- Called by live.list_lives and live.list_mine. p_sort names the list in its cursor.
-- Raises nothing.
create function live.page_json(p_sort text, p_lives lives[], p_limit int) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'items', coalesce(jsonb_agg(live.card_json(t.v) order by t.place) filter (where t.place <= p_limit), '[]'),
    'next_cursor', case when cardinality(p_lives) > p_limit then util.cursor_text(p_sort,
      case p_sort
        when 'live' then (extract(epoch from p_lives[p_limit].started_at) * 1000000)::bigint
        when 'upcoming' then (extract(epoch from p_lives[p_limit].scheduled_at) * 1000000)::bigint
        when 'past' then (extract(epoch from p_lives[p_limit].ended_at) * 1000000)::bigint
        else 0 end,
      p_lives[p_limit].id) end)
  from (select p_lives[n] as v, n as place from generate_series(1, cardinality(p_lives)) as n) as t
$$;
