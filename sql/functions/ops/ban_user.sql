-- Suspends an account: its sessions end now, its access tokens work for at most 5 seconds more.
-- Called by operators in psql: select ops.ban_user('name', 'why');
-- Raises not_found.
create function ops.ban_user(p_username text, p_reason text) returns text language plpgsql as $$
declare
  v_id bigint;
begin
  update users set is_banned = true, ban_reason = p_reason, updated_at = now()
  where lower(username) = lower(p_username) returning id into v_id;
  if v_id is null then
    perform util.fail(404, 'not_found', 'There is no user of that name.');
  end if;
  delete from mail_tokens where user_id = v_id;
  return format('%s is banned; %s sessions ended', p_username, cardinality(account.revoke_sessions(v_id)));
end $$;
