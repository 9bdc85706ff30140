-- Appends where a live stands to its channel and drops cached lists, in the commit that moved it.
-- Called by every function that starts, ends or edits a live.
-- Raises nothing.
create function live.tell_changed(p_live lives) returns void
language sql as $$
  select live.drop_cached();
  select rt.publish('live:' || p_live.public_id, 'live:changed', jsonb_build_object(
    'status', p_live.status, 'title', p_live.title, 'description', p_live.description,
    'scheduled_at', util.utc_text(p_live.scheduled_at), 'started_at', util.utc_text(p_live.started_at),
    'ended_at', util.utc_text(p_live.ended_at), 'end_reason', p_live.end_reason))
$$;
