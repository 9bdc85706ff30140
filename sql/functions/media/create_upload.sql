-- Reserves quota and makes the video (status uploading) and its upload, before S3 is asked to open one.
-- Called by POST /api/uploads, which goes on to media.open_upload. An upload never opened expires in 10 minutes.
-- Raises not_found, too_many_uploads, quota_exceeded.
create function media.create_upload(p_owner bigint, p_filename text, p_title text, p_content_type text,
  p_size bigint, p_part_size int, p_max_open int)
returns jsonb
language plpgsql as $$
declare
  -- S3 takes 10,000 parts: huge files get larger ones, in whole MiB.
  v_part_size bigint := greatest(p_part_size, ceil(p_size / 10000.0 / 1048576) * 1048576);
  v_video bigint;
  v_upload text := util.random_id();
  v_used bigint;
  v_quota bigint;
begin
  -- The user's row serialises their uploads, so two at once cannot share the last free byte.
  select u.storage_used_bytes, u.storage_quota_bytes into v_used, v_quota
  from users u where u.id = p_owner for update;
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  if (select count(*) from uploads u where u.owner_id = p_owner and u.status in ('open', 'completing')) >= p_max_open then
    perform util.fail(409, 'too_many_uploads');
  end if;
  if v_used + p_size > v_quota then
    perform util.fail(409, 'quota_exceeded', null, jsonb_build_object('size', jsonb_build_object(
      'code', 'storage_left', 'used_bytes', v_used, 'quota_bytes', v_quota, 'size_bytes', p_size)));
  end if;
  update users u set storage_used_bytes = u.storage_used_bytes + p_size where u.id = p_owner;
  insert into videos (public_id, owner_id, title, status, size_bytes, reserved_bytes)
  values (util.random_id(), p_owner, p_title, 'uploading', p_size, p_size)
  returning id into v_video;
  insert into uploads (public_id, owner_id, video_id, filename, content_type, size_bytes, part_size, part_count,
    storage_key, expires_at)
  values (v_upload, p_owner, v_video, p_filename, p_content_type, p_size, v_part_size, ceil(p_size::numeric / v_part_size),
    format('uploads/u%s/%s/source', p_owner, v_upload), now() + interval '10 minutes');
  return media.find_upload(p_owner, v_upload);
end $$;
