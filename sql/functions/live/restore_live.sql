-- Takes back that a live was deleted, for so many seconds after that; one that was on air stays over.
-- Called by POST /api/lives/{id}/restore.
-- Raises not_found, also when it is too late.
create function live.restore_live(p_public_id text, p_owner bigint, p_undo_seconds int, p_now timestamptz default now())
returns jsonb
language plpgsql as $$
declare
  v_live lives;
begin
  update lives v set deleted_at = null, updated_at = p_now
  where v.public_id = p_public_id and v.owner_id = p_owner and v.deleted_at > p_now - make_interval(secs => p_undo_seconds)
  returning * into v_live;
  if v_live.id is null then
    perform util.fail(404, 'not_found');
  end if;
  perform live.tell_changed(v_live);
  return live.live_json(v_live, p_owner);
end $$;
