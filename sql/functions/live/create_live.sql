-- Makes a live with its chat rules; its stream key is known by hash only. p_max_open: how many may wait or be on air.
-- Called by POST /api/lives.
-- Raises not_found, invalid, too_many_lives.
create function live.create_live(p_owner bigint, p_title text, p_description text, p_visibility text,
  p_scheduled_at timestamptz, p_key_hash bytea, p_key_hint text, p_ahead_days int, p_max_open int,
  p_now timestamptz default now()) returns jsonb
language plpgsql as $$
declare
  v_live lives;
begin
  -- The user's row serialises their lives, so that two at once cannot share the last place.
  perform from users u where u.id = p_owner for no key update;
  if not found then
    perform util.fail(404, 'not_found');
  elsif not util.is_visible(p_title) then
    perform util.fail(422, 'invalid', null, '{"title": "empty"}');
  end if;
  perform live.check_schedule(p_scheduled_at, p_ahead_days, p_now);
  if (select count(*) from lives v where v.owner_id = p_owner and v.status <> 'ended' and v.deleted_at is null)
    >= p_max_open then
    perform util.fail(409, 'too_many_lives');
  end if;
  insert into lives (public_id, owner_id, title, description, visibility, scheduled_at, key_hash, key_hint)
  values (util.random_id(), p_owner, btrim(p_title), p_description, p_visibility, p_scheduled_at, p_key_hash, p_key_hint)
  returning * into v_live;
  insert into chat_rules (live_id) values (v_live.id);
  perform live.drop_cached();
  return live.live_json(v_live, p_owner);
end $$;
