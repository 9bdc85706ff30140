-- A live as lists show it.
-- Called by live.list_lives, live.list_mine and live.live_json.
-- Raises nothing.
create function live.card_json(p_live lives) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'id', p_live.public_id, 'title', p_live.title, 'description', p_live.description,
    'visibility', p_live.visibility, 'status', p_live.status,
    'scheduled_at', util.utc_text(p_live.scheduled_at), 'started_at', util.utc_text(p_live.started_at),
    'ended_at', util.utc_text(p_live.ended_at), 'end_reason', p_live.end_reason,
    'owner', media.owner_json(u.username, u.display_name, u.avatar_key),
    'viewers', w.n,
    -- A number becomes the peak once it has held; until then it may already be the highest.
    'peak_viewers', case p_live.status when 'live' then greatest(p_live.peak_viewers, w.n) else p_live.peak_viewers end,
    'total_viewers', p_live.total_viewers, 'channel', 'live:' || p_live.public_id,
    'created_at', util.utc_text(p_live.created_at))
  from users u, live.count_viewers('live:' || p_live.public_id) as w(n)
  where u.id = p_live.owner_id
$$;
