-- Makes a user who is signed in at once, and asks for the mail that confirms the address.
-- Called by POST /api/auth/register. Whether the address is known to us changes neither answer nor work done here.
-- Raises username_taken.
create function account.register(p_username text, p_email text, p_password_hash text, p_display_name text,
  p_locale text, p_quota_bytes bigint, p_token_hash bytea, p_ip text, p_user_agent text, p_idle_seconds int)
returns table (user_id bigint, session_id uuid) language plpgsql as $$
begin
  user_id := account.create_user(p_username, p_email, p_password_hash, p_display_name, p_locale, p_quota_bytes);
  session_id := account.open_session(user_id, p_token_hash, p_ip, p_user_agent, p_idle_seconds);
  perform q.enqueue('mail', 'mail', jsonb_build_object('template', 'verify', 'user_id', user_id));
  return next;
end $$;
