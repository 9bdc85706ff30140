-- The number of the user of a name.
-- Called by live.follow_json, live.follow_user and live.unfollow_user.
-- Raises not_found.
create function live.find_creator(p_username text) returns bigint
language plpgsql stable as $$
declare
  v_id bigint;
begin
  select u.id into v_id from users u where lower(u.username) = lower(p_username);
  if v_id is null then
    perform util.fail(404, 'not_found');
  end if;
  return v_id;
end $$;
