-- How many are in a channel now: what living processes told within the last 15 seconds, each person by one of them
-- (live.report_viewers); always one row.
-- Called by live.cards, live.close_live, live.report_viewers and ops.lives_now. A function of one SELECT, so that it
-- becomes part of theirs. Raises nothing.
create function live.count_viewers(p_channel text, p_now timestamptz default now()) returns table (n bigint)
language sql stable rows 1 as $$
  select coalesce(sum(w.n), 0)::bigint from rt.viewers w join rt.instance i on i.id = w.instance_id
  where w.channel = p_channel and w.at > p_now - interval '15 seconds' and i.lease_until > p_now
$$;
