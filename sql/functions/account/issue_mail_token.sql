-- Stores the hash of a one-time token for a mail. Earlier ones stay good until they end, so that the first of two
-- mails works too.
-- Called by app/jobs/mail.py. Raises nothing.
create function account.issue_mail_token(p_token_hash bytea, p_user_id bigint, p_purpose text, p_seconds int)
returns void language sql as $$
  insert into mail_tokens (token_hash, user_id, purpose, email, expires_at)
  select p_token_hash, u.id, p_purpose, u.email, now() + make_interval(secs => p_seconds)
  from users u where u.id = p_user_id
$$;
