-- Whose session this is and what they may do now; no row when it ended or its user is banned.
-- Called by app/auth/sessions.py, which remembers the answer for a few seconds.
-- Raises nothing.
create function account.check_session(p_session_id uuid)
returns table (user_id bigint, role text) language sql stable as $$
  select u.id, u.role from sessions s join users u on u.id = s.user_id
  where s.id = p_session_id and s.revoked_at is null and s.expires_at > now() and not u.is_banned
$$;
