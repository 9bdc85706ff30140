-- One upload of this owner, as the service needs it to speak to S3.
-- Called by the upload routes.
-- Raises not_found.
create function media.find_upload(p_owner bigint, p_upload text) returns jsonb
language plpgsql stable as $$
declare
  v_found jsonb;
begin
  select jsonb_build_object('id', u.id, 'upload_id', u.public_id, 'video_id', v.public_id, 'status', u.status,
    'storage_key', u.storage_key, 'storage_upload_id', u.storage_upload_id, 'size', u.size_bytes,
    'part_size', u.part_size, 'part_count', u.part_count, 'content_type', u.content_type)
  into v_found
  from uploads u join videos v on v.id = u.video_id
  where u.public_id = p_upload and u.owner_id = p_owner;
  if v_found is null then
    perform util.fail(404, 'not_found');
  end if;
  return v_found;
end $$;
