-- What a shared link tells about a live, or null when a guest may not see it.
-- Called by the page shell.
-- Raises nothing.
create function live.page_card(p_public_id text) returns jsonb
language sql stable as $$
  select jsonb_build_object('title', v.title, 'description', v.description, 'poster_url', '/media/' || u.avatar_key,
    'owner', u.display_name, 'is_listed', v.visibility = 'public')
  from lives v join users u on u.id = v.owner_id
  where v.public_id = p_public_id and v.deleted_at is null and v.visibility in ('public', 'unlisted')
$$;
