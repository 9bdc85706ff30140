-- Lives as lists show them, in the order given.
-- Called by live.page_json and live.live_json.
-- Raises nothing.
create function live.cards(p_ids bigint[]) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', v.public_id, 'title', v.title, 'description', v.description,
    'visibility', v.visibility, 'status', v.status,
    'scheduled_at', util.utc_text(v.scheduled_at), 'started_at', util.utc_text(v.started_at),
    'ended_at', util.utc_text(v.ended_at), 'end_reason', v.end_reason,
    'owner', media.owner_json(u.username, u.display_name, u.avatar_key),
    'viewers', w.n,
    -- A number becomes the peak once it has held; until then it may already be the highest.
    'peak_viewers', case v.status when 'live' then greatest(v.peak_viewers, w.n) else v.peak_viewers end,
    'total_viewers', v.total_viewers, 'channel', 'live:' || v.public_id,
    'created_at', util.utc_text(v.created_at)) order by t.place), '[]')
  from unnest(p_ids) with ordinality as t(id, place)
  join lives v on v.id = t.id
  join users u on u.id = v.owner_id
  cross join lateral live.count_viewers('live:' || v.public_id) w
$$;
