-- Sets a new password with a token from a mail and ends all sessions; returns those that ended.
-- Called by POST /api/auth/password/reset.
-- Raises bad_token.
create function account.reset_password(p_token_hash bytea, p_password_hash text,
  p_now timestamptz default clock_timestamp()) returns uuid[] language plpgsql as $$
declare
  v_user_id bigint := account.take_mail_token(p_token_hash, 'reset', p_now);
begin
  -- Who reads the mail has the address: it counts as confirmed, unless another account was first.
  update users u set email_verified_at = p_now
  where u.id = v_user_id and u.email_verified_at is null and not exists (
    select 1 from users o where lower(o.email) = lower(u.email) and o.email_verified_at is not null);
  return account.change_password(v_user_id, p_password_hash);
end $$;
