-- Uses up a one-time token, and with it all others of its user and purpose; returns the user.
-- Called by account.verify_email and account.reset_password.
-- Raises bad_token: unknown, used, ended, of the other purpose, or for an address the user no longer has.
create function account.take_mail_token(p_token_hash bytea, p_purpose text, p_now timestamptz) returns bigint
language plpgsql as $$
declare
  v_user_id bigint;
begin
  delete from mail_tokens t using users u
  where t.token_hash = p_token_hash and t.purpose = p_purpose and t.expires_at > p_now
    and u.id = t.user_id and lower(u.email) = lower(t.email) and not u.is_banned
  returning t.user_id into v_user_id;
  if v_user_id is null then
    perform util.fail(400, 'bad_token');
  end if;
  delete from mail_tokens t where t.user_id = v_user_id and t.purpose = p_purpose;
  return v_user_id;
end $$;
