-- One page of what moderators and operators did in a live, newest first.
-- Called by GET /api/lives/{id}/audit.
-- Raises not_found, forbidden.
create function chat.list_audit(p_live text, p_actor bigint, p_before bigint, p_limit integer) returns jsonb
language plpgsql stable as $$
declare
  v_live lives := chat.watched(p_live, p_actor);
  v_entries chat_audit[] := array(
    select a from chat_audit a where a.live_id = v_live.id and a.id < coalesce(p_before, 9223372036854775807)
    order by a.id desc limit p_limit + 1);
begin
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'at', util.utc_text(a.at),
        'actor', chat.person_json(a.actor_id), 'action', a.action, 'target', chat.person_json(a.target_id),
        'detail', a.detail) order by a.id desc), '[]')
      from unnest(v_entries[:p_limit]) a),
    'next_cursor', case when cardinality(v_entries) > p_limit
      then util.cursor_text('audit', 0, (v_entries[p_limit]).id) end);
end $$;
