-- Stores the hash of a one-time ticket that opens a socket for a user.
-- Called by POST /api/realtime/ticket.
-- Raises nothing.
create function rt.issue_ticket(p_hash bytea, p_user_id bigint, p_session_id text, p_ttl interval) returns void
language sql as $$
  insert into rt.ticket (hash, user_id, session_id, expires_at)
  values (p_hash, p_user_id, p_session_id, now() + p_ttl)
$$;
