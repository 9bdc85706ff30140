-- Uses a ticket up: whose it is, or no row when unknown, used or expired.
-- Called by the socket's op "auth".
-- Raises nothing.
create function rt.take_ticket(p_hash bytea) returns table (user_id bigint, session_id text)
language sql as $$
  with d as (delete from rt.ticket t where t.hash = p_hash returning t.user_id, t.session_id, t.expires_at)
  select d.user_id, d.session_id from d where d.expires_at > now()
$$;
