-- Ends the session a refresh token belongs to; returns its id, null when there was none to end.
-- Called by POST /api/auth/logout.
-- Raises nothing.
create function account.log_out(p_token_hash bytea) returns uuid language sql as $$
  select (account.revoke_sessions(s.user_id, s.id))[1]
  from refresh_tokens t join sessions s on s.id = t.session_id
  where t.token_hash = p_token_hash
$$;
