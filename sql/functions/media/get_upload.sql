-- One upload of this owner, as browsers see it.
-- Called by GET /api/uploads/{id}, media.open_upload.
-- Raises not_found.
create function media.get_upload(p_owner bigint, p_upload text) returns jsonb
language plpgsql stable as $$
declare
  v_upload uploads;
begin
  select * into v_upload from uploads u
  where u.public_id = p_upload and u.owner_id = p_owner and u.storage_upload_id <> '';
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  return media.upload_json(v_upload);
end $$;
