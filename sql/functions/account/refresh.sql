-- Exchanges a refresh token for the next one. outcome: ok, unknown (also ended sessions), reused (session ended now).
-- Called by POST /api/auth/refresh. Answers instead of raising, because ending the session must be committed.
-- Raises nothing.
create function account.refresh(p_token_hash bytea, p_new_hash bytea, p_ip text, p_user_agent text,
  p_idle_seconds int, p_max_seconds int, p_grace_seconds double precision, p_now timestamptz default clock_timestamp())
returns table (outcome text, user_id bigint, session_id uuid) language plpgsql as $$
declare
  v_session sessions;
  v_generation int;
begin
  select t.generation, t.session_id into v_generation, session_id from refresh_tokens t where t.token_hash = p_token_hash;
  -- The lock makes two tabs with the same token take turns.
  select * into v_session from sessions s where s.id = session_id for update;
  user_id := v_session.user_id;
  outcome := 'unknown';
  if v_session.revoked_at is null and v_session.expires_at > p_now and not account.is_banned(user_id) then
    if v_generation = v_session.generation then
      update sessions s set generation = s.generation + 1, rotated_at = p_now, last_seen_at = p_now,
        ip = p_ip, user_agent = p_user_agent,
        expires_at = least(p_now + make_interval(secs => p_idle_seconds), s.created_at + make_interval(secs => p_max_seconds))
      where s.id = session_id;
      -- A copy older than a week is unknown instead of reused: refused all the same, and the table stays small.
      delete from refresh_tokens t where t.session_id = v_session.id
        and t.generation < v_generation and t.created_at < p_now - interval '7 days';
      outcome := 'ok';
    elsif v_generation = v_session.generation - 1
      and p_now <= v_session.rotated_at + make_interval(secs => p_grace_seconds) then
      -- Another tab with the same cookie, or an answer that was lost: a sibling of the token given out before.
      -- Whichever of them is used first makes the other one old.
      outcome := 'ok';
    else
      outcome := 'reused';
      perform account.revoke_sessions(user_id, session_id);
    end if;
  end if;
  if outcome = 'ok' then
    insert into refresh_tokens (token_hash, session_id, generation)
    select p_new_hash, s.id, s.generation from sessions s where s.id = session_id;
  end if;
  return next;
end $$;
