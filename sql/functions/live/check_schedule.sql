-- A date for a live lies ahead, by a minute's grace for clocks and slow hands, and not too far.
-- Called by live.create_live and live.update_live.
-- Raises invalid.
create function live.check_schedule(p_scheduled_at timestamptz, p_ahead_days int, p_now timestamptz) returns void
language plpgsql stable as $$
begin
  if p_scheduled_at < p_now - interval '1 minute' then
    perform util.fail(422, 'invalid', null, '{"scheduled_at": "time_past"}');
  elsif p_scheduled_at > p_now + make_interval(days => p_ahead_days) then
    perform util.fail(422, 'invalid', null,
      jsonb_build_object('scheduled_at', jsonb_build_object('code', 'time_far', 'days', p_ahead_days)));
  end if;
end $$;
