-- Those of some people (null: guests) who may read a channel of the bus, and the number after which its events are theirs
-- to read: what a live told while it was private is nobody's any more.
-- Called by app/realtime/rights.py when somebody comes, and when a live or who moderates it changed. Raises nothing.
create function live.who_may_follow(p_channel text, p_users bigint[]) returns table (id bigint, open_seq bigint)
language sql stable as $$
  select u.id, coalesce((select v.open_seq from lives v where v.public_id = substr(p_channel, 6) and p_channel like 'live:%'), 0)
  from unnest(p_users) as u(id) where live.may_follow(p_channel, u.id)
$$;
