-- Puts a live on air, at its date or before. Starting one that is on air changes nothing.
-- Called by POST /api/lives/{id}/start.
-- Raises not_found, live_ended.
create function live.start_live(p_public_id text, p_owner bigint, p_now timestamptz default now()) returns jsonb
language plpgsql as $$
declare
  v_live lives := live.owned_live(p_public_id, p_owner);
begin
  if v_live.status = 'ended' then
    perform util.fail(409, 'live_ended');
  elsif v_live.status = 'scheduled' then
    update lives v set status = 'live', started_at = p_now, updated_at = p_now
    where v.id = v_live.id returning * into v_live;
    perform live.tell_changed(v_live);
  end if;
  return live.live_json(v_live, p_owner);
end $$;
