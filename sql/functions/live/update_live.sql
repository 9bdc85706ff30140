-- Changes what is given (null: as it was), tells the pages that show it, and returns the live.
-- Called by PATCH /api/lives/{id}.
-- Raises not_found, invalid, live_started, live_ended.
create function live.update_live(p_public_id text, p_owner bigint, p_title text, p_description text, p_visibility text,
  p_scheduled_at timestamptz, p_ahead_days int, p_now timestamptz default now()) returns jsonb
language plpgsql as $$
declare
  v_live lives := live.owned_live(p_public_id, p_owner);
  v_was_private boolean := v_live.visibility = 'private';
begin
  if not util.is_visible(p_title) then
    perform util.fail(422, 'invalid', null, '{"title": "empty"}');
  end if;
  if p_scheduled_at is not null then
    if v_live.status = 'live' then
      perform util.fail(409, 'live_started');
    elsif v_live.status = 'ended' then
      perform util.fail(409, 'live_ended');
    end if;
    perform live.check_schedule(p_scheduled_at, p_ahead_days, p_now);
  end if;
  update lives v set
    title = coalesce(btrim(p_title), v.title), description = coalesce(p_description, v.description),
    visibility = coalesce(p_visibility, v.visibility), scheduled_at = coalesce(p_scheduled_at, v.scheduled_at),
    updated_at = p_now
  where v.id = v_live.id returning * into v_live;
  -- Who is shut out must not hear the new title with it, nor who is let in what it was called before.
  if v_was_private <> (v_live.visibility = 'private') then
    perform live.change_audience(v_live);
  else
    perform live.tell_changed(v_live);
  end if;
  return live.live_json(v_live, p_owner);
end $$;
