-- Who may not write in a live now, newest first; at most 200.
-- Called by GET /api/lives/{id}/bans.
-- Raises not_found, forbidden.
create function chat.list_bans(p_live text, p_actor bigint) returns jsonb
language plpgsql stable as $$
declare
  v_live lives := chat.watched(p_live, p_actor);
begin
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(jsonb_build_object('user', chat.person_json(b.user_id),
      'until', util.utc_text(b.until), 'reason', b.reason, 'created_at', util.utc_text(b.created_at))
      order by b.created_at desc), '[]')
    from (
      select * from chat_bans b where b.live_id = v_live.id and (b.until is null or b.until > now())
      order by b.created_at desc limit 200
    ) b));
end $$;
