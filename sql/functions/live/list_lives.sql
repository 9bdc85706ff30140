-- One page of public lives as JSON text: on air (latest first), upcoming (soonest first) or past, of one owner if given.
-- p_key and p_id: where the last page ended (microseconds of the time it is sorted by), null at the start.
-- Called by GET /api/lives. Raises nothing.
create function live.list_lives(p_status text, p_owner text, p_key bigint, p_id bigint, p_limit int,
  p_now timestamptz default now()) returns text
language plpgsql stable as $$
declare
  v_owner bigint;
  v_lives lives[];
  v_place timestamptz := 'epoch'::timestamptz + p_key * interval '1 microsecond';
  v_before timestamptz := coalesce(v_place, 'infinity');
  -- Who is late by more than an hour is not expected any more.
  v_after timestamptz := greatest(v_place, p_now - interval '1 hour');
  v_id bigint := coalesce(p_id, case p_status when 'upcoming' then 0 else 9223372036854775807 end);
begin
  if p_owner is not null then
    select u.id into v_owner from users u where lower(u.username) = lower(p_owner);
    if v_owner is null then
      return json_build_object('items', '[]'::json, 'next_cursor', null)::text;
    end if;
  end if;
  -- Plain statements rather than one with options: each walks one index from one place and stops.
  if p_status = 'live' and v_owner is null then
    v_lives := array(select v from lives v
      where v.status = 'live' and v.visibility = 'public' and v.deleted_at is null
        and (v.started_at, v.id) < (v_before, v_id)
      order by v.started_at desc, v.id desc limit p_limit + 1);
  elsif p_status = 'live' then
    v_lives := array(select v from lives v
      where v.owner_id = v_owner and v.status <> 'ended' and v.status = 'live' and v.visibility = 'public'
        and v.deleted_at is null and (v.started_at, v.id) < (v_before, v_id)
      order by v.started_at desc, v.id desc limit p_limit + 1);
  elsif p_status = 'upcoming' and v_owner is null then
    v_lives := array(select v from lives v
      where v.status = 'scheduled' and v.visibility = 'public' and v.deleted_at is null and v.scheduled_at is not null
        and (v.scheduled_at, v.id) > (v_after, v_id)
      order by v.scheduled_at, v.id limit p_limit + 1);
  elsif p_status = 'upcoming' then
    v_lives := array(select v from lives v
      where v.owner_id = v_owner and v.status <> 'ended' and v.status = 'scheduled' and v.visibility = 'public'
        and v.deleted_at is null and (v.scheduled_at, v.id) > (v_after, v_id)
      order by v.scheduled_at, v.id limit p_limit + 1);
  elsif v_owner is null then
    v_lives := array(select v from lives v
      where v.status = 'ended' and v.visibility = 'public' and v.deleted_at is null and v.started_at is not null
        and (v.ended_at, v.id) < (v_before, v_id)
      order by v.ended_at desc, v.id desc limit p_limit + 1);
  else
    v_lives := array(select v from lives v
      where v.owner_id = v_owner and v.status = 'ended' and v.visibility = 'public' and v.deleted_at is null
        and v.started_at is not null and (v.ended_at, v.id) < (v_before, v_id)
      order by v.ended_at desc, v.id desc limit p_limit + 1);
  end if;
  return live.page_json(p_status, v_lives, p_limit)::text;
end $$;
