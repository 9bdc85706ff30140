-- Ends sessions of a user: the one named, or all but one, or all. Returns the ids of those it ended.
-- Called by logging out, by changing or resetting a password, by account.refresh and by ops.ban_user.
-- Raises nothing.
create function account.revoke_sessions(p_user_id bigint, p_only uuid default null, p_except uuid default null)
returns uuid[] language plpgsql as $$
declare
  v_ids uuid[];
  v_id uuid;
begin
  with ended as (
    -- It also expires, so that account.clean finds it by that.
    update sessions set revoked_at = clock_timestamp(), expires_at = least(expires_at, clock_timestamp())
    where user_id = p_user_id and revoked_at is null
      and (p_only is null or id = p_only) and (p_except is null or id <> p_except)
    returning id
  )
  select coalesce(array_agg(id), '{}') into v_ids from ended;
  foreach v_id in array v_ids loop
    perform rt.publish('user:' || p_user_id, 'session:revoked', jsonb_build_object('session_id', v_id));
  end loop;
  return v_ids;
end $$;
