-- Takes or renews a chore that one process does for all; returns a number that grows with each new leader, or null
-- when another has it. No chore is fenced by that number: each is safe in two processes at once, this saves work.
-- Called every few seconds by app/pg/leader.py.
-- Raises nothing.
create function rt.lead(p_name text, p_holder bigint, p_lease interval) returns bigint
language sql as $$
  insert into rt.leader as l (name, holder, token, until)
  values (p_name, p_holder, nextval('rt.leader_token'), clock_timestamp() + p_lease)
  on conflict (name) do update
    set holder = excluded.holder, until = excluded.until,
        token = case when l.holder = excluded.holder and l.until > clock_timestamp()
                     then l.token else excluded.token end
    where l.holder = excluded.holder or l.until <= clock_timestamp()
  returning l.token
$$;
