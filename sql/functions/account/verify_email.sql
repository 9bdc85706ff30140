-- Confirms the address a mail was sent to; returns the user.
-- Called by POST /api/auth/email/verify.
-- Raises bad_token, email_in_use (another account confirmed this address first).
create function account.verify_email(p_token_hash bytea, p_now timestamptz default clock_timestamp()) returns bigint
language plpgsql as $$
declare
  v_user_id bigint := account.take_mail_token(p_token_hash, 'verify', p_now);
begin
  begin
    update users set email_verified_at = p_now, updated_at = now() where id = v_user_id and email_verified_at is null;
  exception when unique_violation then
    perform util.fail(409, 'email_in_use');
  end;
  return v_user_id;
end $$;
