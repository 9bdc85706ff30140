-- Who moderates a live beside its owner, by name.
-- Called by GET /api/lives/{id}/moderators.
-- Raises not_found, forbidden.
create function chat.list_moderators(p_live text, p_actor bigint) returns jsonb
language plpgsql stable as $$
declare
  v_live lives := chat.watched(p_live, p_actor);
begin
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(
      chat.person_json(u.id) || jsonb_build_object('created_at', util.utc_text(m.created_at)) order by lower(u.username)), '[]')
    from chat_moderators m join users u on u.id = m.user_id where m.live_id = v_live.id));
end $$;
