-- One page of who may not write in a live now, the newest ban first.
-- p_key and p_user: where the last page ended (microseconds of the ban's time, whom it is for), null at the start.
-- Called by GET /api/lives/{id}/bans. Raises not_found, forbidden.
create function chat.list_bans(p_live text, p_actor bigint, p_key bigint, p_user bigint, p_limit integer) returns jsonb
language plpgsql stable as $$
declare
  v_live lives := chat.watched(p_live, p_actor);
  v_before timestamptz := coalesce('epoch'::timestamptz + p_key * interval '1 microsecond', 'infinity');
  v_bans chat_bans[] := array(
    select b from chat_bans b
    where b.live_id = v_live.id and (b.until is null or b.until > now())
      and (b.created_at, b.user_id) < (v_before, coalesce(p_user, 9223372036854775807))
    order by b.created_at desc, b.user_id desc limit p_limit + 1);
begin
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(jsonb_build_object('user', chat.person_json(b.user_id),
        'until', util.utc_text(b.until), 'reason', b.reason, 'created_at', util.utc_text(b.created_at))
        order by b.created_at desc, b.user_id desc), '[]')
      from unnest(v_bans[:p_limit]) b),
    'next_cursor', case when cardinality(v_bans) > p_limit then util.cursor_text('bans',
      (extract(epoch from v_bans[p_limit].created_at) * 1000000)::bigint, v_bans[p_limit].user_id) end);
end $$;
