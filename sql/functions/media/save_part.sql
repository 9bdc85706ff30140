-- Notes a part that the browser has sent, so that another device can go on.
-- Called by PUT /api/uploads/{id}/parts/{n}.
-- Raises not_found, upload_closed, invalid.
create function media.save_part(p_owner bigint, p_upload text, p_n int, p_etag text, p_size bigint) returns void
language plpgsql as $$
declare
  v_upload uploads;
begin
  select * into v_upload from uploads u where u.public_id = p_upload and u.owner_id = p_owner for share;
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  if v_upload.status <> 'open' then
    perform util.fail(409, 'upload_closed');
  end if;
  if p_n not between 1 and v_upload.part_count then
    perform util.fail(422, 'invalid', null,
      jsonb_build_object('n', jsonb_build_object('code', 'part_range', 'last', v_upload.part_count)));
  end if;
  if p_size <> media.part_bytes(v_upload, p_n) then
    perform util.fail(422, 'invalid', null,
      jsonb_build_object('size',
      jsonb_build_object('code', 'part_size', 'n', p_n, 'size_bytes', media.part_bytes(v_upload, p_n))));
  end if;
  insert into upload_parts (upload_id, n, etag, size_bytes) values (v_upload.id, p_n, p_etag, p_size)
  on conflict (upload_id, n) do update set etag = excluded.etag, size_bytes = excluded.size_bytes, uploaded_at = now();
end $$;
