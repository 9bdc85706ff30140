-- Takes a live off the air. Ending one that has ended changes nothing.
-- Called by POST /api/lives/{id}/end.
-- Raises not_found, live_not_started.
create function live.end_live(p_public_id text, p_owner bigint, p_now timestamptz default now()) returns jsonb
language plpgsql as $$
declare
  v_live lives := live.owned_live(p_public_id, p_owner);
begin
  if v_live.status = 'scheduled' then
    perform util.fail(409, 'live_not_started');
  elsif v_live.status = 'live' then
    v_live := live.close_live(v_live, null, p_now);
  end if;
  return live.live_json(v_live, p_owner);
end $$;
