-- Notes S3's id of an upload and starts its time; from now on its owner sees it.
-- Called by POST /api/uploads after S3 opened a multipart upload.
-- Raises not_found.
create function media.open_upload(p_owner bigint, p_upload text, p_storage_upload_id text, p_expires_seconds int)
returns jsonb
language plpgsql as $$
begin
  update uploads u
  set storage_upload_id = p_storage_upload_id, expires_at = now() + make_interval(secs => p_expires_seconds),
    updated_at = now()
  where u.public_id = p_upload and u.owner_id = p_owner and u.status = 'open';
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  return media.get_upload(p_owner, p_upload);
end $$;
