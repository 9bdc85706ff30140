-- Marks an upload as being joined; tells whether it may be (false: it was completed already).
-- Called by POST /api/uploads/{id}/complete once no part is missing.
-- Raises not_found, upload_closed.
create function media.start_completing(p_owner bigint, p_upload text) returns boolean
language plpgsql as $$
declare
  v_status text;
begin
  select u.status into v_status from uploads u where u.public_id = p_upload and u.owner_id = p_owner for update;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v_status = 'completed' then
    return false;
  elsif v_status not in ('open', 'completing') then
    perform util.fail(409, 'upload_closed');
  end if;
  update uploads u set status = 'completing', updated_at = now() where u.public_id = p_upload;
  return true;
end $$;
