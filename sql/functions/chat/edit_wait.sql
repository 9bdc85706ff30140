-- Seconds until somebody may edit again in a live with slow mode: as often as they may write there, whichever message it
-- is. 0 or less: now. p_edit_seconds: how long a message may be edited, so that no older ones are looked at.
-- Called by chat.edit_message. Raises nothing.
create function chat.edit_wait(p_live bigint, p_user bigint, p_slow_seconds integer, p_edit_seconds integer,
  p_now timestamptz) returns integer
language sql stable as $$
  select coalesce(ceil(extract(epoch from max(m.edited_at) + make_interval(secs => p_slow_seconds) - p_now)), 0)::integer
  from chat_messages m
  where p_slow_seconds > 0 and m.live_id = p_live and m.user_id = p_user
    and m.at > p_now - make_interval(secs => p_slow_seconds + p_edit_seconds)
$$;
