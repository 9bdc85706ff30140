-- The open sessions of a user, the one last seen first.
-- Called by GET /api/auth/sessions.
-- Raises nothing.
create function account.list_sessions(p_user_id bigint, p_current uuid)
returns table (id uuid, user_agent text, ip text, created_at timestamptz, last_seen_at timestamptz, is_current boolean)
language sql stable as $$
  select s.id, s.user_agent, s.ip, s.created_at, s.last_seen_at, s.id = p_current
  from sessions s
  where s.user_id = p_user_id and s.revoked_at is null and s.expires_at > now()
  order by s.last_seen_at desc limit 200
$$;
