-- Checks a time at which a video is to become public, and leaves a job for it in the caller's commit.
-- Called by media.update_video. The job publishes whatever is due, so one for each moment is enough, and one that was
-- called off finds nothing.
-- Raises invalid.
create function media.plan_publishing(p_publish_at timestamptz, p_ahead_days int, p_now timestamptz) returns void
language plpgsql as $$
begin
  if p_publish_at <= p_now then
    perform util.fail(422, 'invalid', null, '{"publish_at": "time_past"}');
  elsif p_publish_at > p_now + make_interval(days => p_ahead_days) then
    perform util.fail(422, 'invalid', null,
      jsonb_build_object('publish_at', jsonb_build_object('code', 'time_far', 'days', p_ahead_days)));
  end if;
  perform q.enqueue('default', 'publish_due', '{}', p_run_at => p_publish_at,
    p_ukey => 'publish_due:' || util.utc_text(p_publish_at));
end $$;
