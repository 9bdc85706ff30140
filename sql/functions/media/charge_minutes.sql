-- Counts minutes of video made for a person today. False, and nothing counted, when they would pass p_most; the first
-- of a day always passes, so that a limit below one long video does not shut it out for ever.
-- Called by media.save_probe by the length a file claims, media.finish_video by what more or less it really was
-- (p_most null: what is made is not refused).
-- Raises nothing.
create function media.charge_minutes(p_owner bigint, p_minutes double precision, p_most double precision default null,
  p_now timestamptz default now())
returns boolean
language sql as $$
  with counted as (
    insert into transcode_minutes as m (owner_id, day, minutes)
    values (p_owner, (p_now at time zone 'utc')::date, greatest(0, p_minutes))
    on conflict (owner_id) do update
    set day = excluded.day,
      minutes = greatest(0, case when m.day = excluded.day then m.minutes else 0 end + p_minutes)
    where p_most is null or m.day <> excluded.day or m.minutes <= 0 or m.minutes + p_minutes <= p_most
    returning 1
  )
  select exists (select from counted)
$$;
