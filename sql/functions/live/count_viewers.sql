-- How many are in a channel now: what living processes told within the last 15 seconds.
-- Called by live.card_json and ops.lives_now.
-- Raises nothing.
create function live.count_viewers(p_channel text, p_now timestamptz default clock_timestamp()) returns bigint
language sql stable as $$
  select coalesce(sum(w.n), 0) from rt.viewers w join rt.instance i on i.id = w.instance_id
  where w.channel = p_channel and w.at > p_now - interval '15 seconds' and i.lease_until > p_now
$$;
