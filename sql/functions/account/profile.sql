-- What everybody may see of a user.
-- Called by GET /api/users/{username}.
-- Raises not_found.
create function account.profile(p_username text)
returns table (username text, display_name text, bio text, avatar_url text, created_at timestamptz, video_count bigint)
language plpgsql stable as $$
begin
  return query select u.username, u.display_name, u.bio, '/media/' || u.avatar_key, u.created_at,
    (select count(*) from videos v where v.owner_id = u.id and v.visibility = 'public' and v.deleted_at is null
      and coalesce(v.hls_path, v.progressive_path) is not null)
  from users u where lower(u.username) = lower(p_username);
  if not found then
    perform util.fail(404, 'not_found');
  end if;
end $$;
