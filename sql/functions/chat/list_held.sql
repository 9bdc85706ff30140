-- One page of the messages that wait for a moderator, oldest first.
-- Called by GET /api/lives/{id}/held.
-- Raises not_found, forbidden.
create function chat.list_held(p_live text, p_actor bigint, p_after bigint, p_limit integer) returns jsonb
language plpgsql stable as $$
declare
  v_live lives := chat.watched(p_live, p_actor);
  v_held chat_held[] := array(
    select h from chat_held h where h.live_id = v_live.id and h.verdict is null and h.id > coalesce(p_after, 0)
    order by h.id limit p_limit + 1);
begin
  return jsonb_build_object(
    'items', (select coalesce(jsonb_agg(chat.held_json(h) order by h.id), '[]') from unnest(v_held[:p_limit]) h),
    'next_cursor', case when cardinality(v_held) > p_limit
      then util.cursor_text('held', 0, (v_held[p_limit]).id) end);
end $$;
