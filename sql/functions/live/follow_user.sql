-- Follows a creator; twice is the same as once. The row itself decides, whoever comes first.
-- Called by PUT /api/users/{username}/follow.
-- Raises not_found, invalid (oneself).
create function live.follow_user(p_username text, p_user bigint) returns jsonb
language plpgsql as $$
declare
  v_creator bigint := live.find_creator(p_username);
begin
  if v_creator = p_user then
    perform util.fail(422, 'invalid', null, '{"username": "own_name"}');
  end if;
  insert into follows (user_id, creator_id) values (p_user, v_creator) on conflict do nothing;
  if found then
    update users set follower_count = follower_count + 1 where id = v_creator;
  end if;
  return live.follow_json(p_username, p_user);
end $$;
