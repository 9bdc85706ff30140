-- What a shared link tells about a creator's channel, or null when there is none of that name.
-- Called by the page shell.
-- Raises nothing.
create function account.page_card(p_username text) returns jsonb
language sql stable as $$
  select jsonb_build_object('title', u.display_name, 'description', u.bio, 'poster_url', '/media/' || u.avatar_key,
    'owner', u.display_name, 'is_listed', true)
  from users u where lower(u.username) = lower(p_username)
$$;
