-- Stops following a creator; twice is the same as once.
-- Called by DELETE /api/users/{username}/follow.
-- Raises not_found.
create function live.unfollow_user(p_username text, p_user bigint) returns jsonb
language plpgsql as $$
declare
  v_creator bigint := live.find_creator(p_username);
begin
  delete from follows where user_id = p_user and creator_id = v_creator;
  if found then
    update users set follower_count = follower_count - 1 where id = v_creator;
  end if;
  return live.follow_json(p_username, p_user);
end $$;
