-- The uploads this owner can go on with, newest first; at most as many as may be open.
-- Called by GET /api/uploads.
-- Raises nothing.
create function media.list_uploads(p_owner bigint, p_limit int default 100) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(media.upload_json(o.u) order by o.id desc), '[]')
  from (
    select u, u.id from uploads u
    where u.owner_id = p_owner and u.status in ('open', 'completing') and u.storage_upload_id <> ''
      and u.expires_at > now()
    order by u.id desc limit p_limit
  ) as o
$$;
