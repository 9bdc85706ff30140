-- Sets a new password, ends the other sessions, forgets links to reset the old one and sends a notice.
-- Called by POST /api/auth/password/change and account.reset_password. Returns the sessions that ended.
-- Raises nothing.
create function account.change_password(p_user_id bigint, p_password_hash text, p_keep uuid default null)
returns uuid[] language plpgsql as $$
begin
  update users set password_hash = p_password_hash, updated_at = now() where id = p_user_id;
  delete from mail_tokens where user_id = p_user_id and purpose = 'reset';
  perform q.enqueue('mail', 'mail', jsonb_build_object('template', 'password_changed', 'user_id', p_user_id));
  return account.revoke_sessions(p_user_id, p_except => p_keep);
end $$;
