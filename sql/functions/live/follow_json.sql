-- Whether somebody follows a creator, and how many do.
-- Called by GET /api/users/{username}/follow and by live.follow_user and live.unfollow_user.
-- Raises not_found.
create function live.follow_json(p_username text, p_user bigint) returns jsonb
language sql stable as $$
  select jsonb_build_object('follower_count', u.follower_count,
    'is_following', exists (select from follows f where f.creator_id = u.id and f.user_id = p_user))
  from users u where u.id = live.find_creator(p_username)
$$;
