-- Which of these sessions are over: logged out, expired, or their user is banned.
-- Called by app/auth/sessions.py for all open sockets at once, every few seconds and when one signs in.
-- Raises nothing.
create function account.ended_sessions(p_session_id uuid[]) returns table (session_id uuid)
language sql stable as $$
  select a.id from unnest(p_session_id) as a(id)
  where not exists (
    select 1 from sessions s join users u on u.id = s.user_id
    where s.id = a.id and s.revoked_at is null and s.expires_at > now() and not u.is_banned)
$$;
