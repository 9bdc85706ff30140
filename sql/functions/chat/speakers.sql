-- Whether people may write in lives at this moment, and their names; one row per pair, in order.
-- Called by app/pg/chat.py before a passing event (typing, an effect) is told.
-- Raises nothing; codes are those of chat.standing.
create function chat.speakers(p_live text[], p_user bigint[])
returns table (ord bigint, code text, retry_after integer, name text)
language sql stable as $$
  select t.ord, s.code, s.retry_after, s.name
  from unnest(p_live, p_user) with ordinality as t(live, user_id, ord)
  cross join lateral chat.standing(t.live, t.user_id, clock_timestamp()) s
  order by t.ord
$$;
