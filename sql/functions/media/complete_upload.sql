-- The upload is whole and checked: video queued, job probe added, owner told. Twice is the same as once.
-- Called by POST /api/uploads/{id}/complete after HEAD.
-- Raises not_found, upload_closed.
create function media.complete_upload(p_owner bigint, p_upload text) returns void
language plpgsql as $$
declare
  v_upload uploads;
begin
  select * into v_upload from uploads u where u.public_id = p_upload and u.owner_id = p_owner for update;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v_upload.status = 'completed' then
    return;
  elsif v_upload.status <> 'completing' then
    perform util.fail(409, 'upload_closed');
  end if;
  update uploads u set status = 'completed', updated_at = now() where u.id = v_upload.id;
  update videos v
  set status = 'queued', attempt = 1, source_key = v_upload.storage_key, updated_at = now()
  where v.id = v_upload.video_id;
  perform media.enqueue_step('probe', v_upload.video_id, 1);
  perform media.tell_owner(v_upload.video_id, 'video:progress');
end $$;
