-- Replaces the known parts by what S3 holds; returns the numbers still missing (or of a wrong size), in order.
-- Called by POST /api/uploads/{id}/complete before it joins them. p_parts: [{n, etag, size}].
-- Raises not_found.
create function media.save_parts(p_upload bigint, p_parts jsonb) returns int[]
language plpgsql as $$
declare
  v_upload uploads;
begin
  select * into v_upload from uploads u where u.id = p_upload for update;
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  delete from upload_parts p where p.upload_id = p_upload;
  insert into upload_parts (upload_id, n, etag, size_bytes)
  select p_upload, t.n, t.etag, t.size
  from jsonb_to_recordset(p_parts) as t(n int, etag text, size bigint)
  where t.n between 1 and v_upload.part_count and t.size = media.part_bytes(v_upload, t.n);
  return array(
    select i from generate_series(1, v_upload.part_count) as i
    where not exists (select from upload_parts p where p.upload_id = p_upload and p.n = i) order by i
  );
end $$;
