-- Starts a session with its first refresh token; returns its id.
-- Called by account.register and POST /api/auth/login after the password was checked.
-- Raises banned.
create function account.open_session(p_user_id bigint, p_token_hash bytea, p_ip text, p_user_agent text,
  p_idle_seconds int) returns uuid language plpgsql as $$
declare
  v_id uuid;
begin
  -- Locked against a ban that happens now: it either sees this session or is seen here.
  perform 1 from users where id = p_user_id and not is_banned for share;
  if not found then
    perform util.fail(403, 'banned');
  end if;
  insert into sessions (user_id, user_agent, ip, expires_at)
  values (p_user_id, p_user_agent, p_ip, now() + make_interval(secs => p_idle_seconds))
  returning id into v_id;
  insert into refresh_tokens (token_hash, session_id, generation) values (p_token_hash, v_id, 0);
  return v_id;
end $$;
