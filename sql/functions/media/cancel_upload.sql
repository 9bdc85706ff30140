-- The owner gives an upload up. Cancelling a cancelled one is fine.
-- Called by DELETE /api/uploads/{id}, and by POST /api/uploads when S3 did not open one.
-- Raises not_found, upload_closed.
create function media.cancel_upload(p_owner bigint, p_upload text) returns void
language plpgsql as $$
declare
  v_id bigint;
  v_status text;
begin
  select u.id, u.status into v_id, v_status
  from uploads u where u.public_id = p_upload and u.owner_id = p_owner for update;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v_status = 'completed' then
    perform util.fail(409, 'upload_closed');
  elsif v_status in ('open', 'completing') then
    perform media.end_upload(v_id, 'aborted');
  end if;
end $$;
