-- Asks for another mail that confirms the address; false when it is confirmed already.
-- Called by POST /api/auth/email/resend.
-- Raises nothing.
create function account.request_verification(p_user_id bigint) returns boolean language plpgsql as $$
begin
  if exists (select 1 from users where id = p_user_id and email_verified_at is not null) then
    return false;
  end if;
  perform q.enqueue('mail', 'mail', jsonb_build_object('template', 'verify', 'user_id', p_user_id));
  return true;
end $$;
