-- Who made a video, as lists and pages show it.
-- Called by media.cards and media.video_json.
-- Raises nothing.
create function media.owner_json(p_username text, p_display_name text, p_avatar_key text) returns json
language sql immutable as $$
  select json_build_object('username', p_username, 'display_name', p_display_name,
    'avatar_url', '/media/' || p_avatar_key)
$$;
