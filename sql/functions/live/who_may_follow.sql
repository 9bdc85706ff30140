-- Those of some people (null: guests) who may read a channel of the bus.
-- Called by app/realtime/rights.py when a live or who moderates it changed.
-- Raises nothing.
create function live.who_may_follow(p_channel text, p_users bigint[]) returns setof bigint
language sql stable as $$
  select u.id from unnest(p_users) as u(id) where live.may_follow(p_channel, u.id)
$$;
