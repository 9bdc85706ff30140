-- A live as this viewer may see it.
-- Called by GET /api/lives/{id}.
-- Raises not_found.
create function live.get_live(p_public_id text, p_viewer bigint) returns jsonb
language sql stable as $$
  select live.live_json(live.visible_live(p_public_id, p_viewer), p_viewer)
$$;
