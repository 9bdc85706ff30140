-- One page of a live's messages as text of JSON, oldest first: the last ones before a number, or the first after one.
-- One snapshot: `seq` is the channel's top at the moment of the page, so a browser can follow the channel from there.
-- Called by GET /api/lives/{id}/messages. Raises not_found.
create function chat.list_messages(p_live text, p_viewer bigint, p_before bigint, p_after bigint, p_limit integer)
returns text language plpgsql stable as $$
declare
  v_live lives := live.visible_live(p_live, p_viewer);
  v_cleared bigint := (select r.cleared_seq from chat_rules r where r.live_id = v_live.id);
  v_page chat_messages[];
  v_more boolean;
begin
  if p_after is not null then
    v_page := array(
      select m from chat_messages m where m.live_id = v_live.id and not m.is_hidden and m.seq > greatest(p_after, v_cleared)
        and m.seq < coalesce(p_before, 9223372036854775807) order by m.seq limit p_limit + 1);
  else
    v_page := array(
      select m from chat_messages m where m.live_id = v_live.id and not m.is_hidden and m.seq > v_cleared
        and m.seq < coalesce(p_before, 9223372036854775807) order by m.seq desc limit p_limit + 1);
  end if;
  v_more := cardinality(v_page) > p_limit;
  return json_build_object(
    'items', (select coalesce(json_agg(chat.message_json(m) order by m.seq), '[]') from unnest(v_page[:p_limit]) m),
    'has_more', v_more,
    'epoch', rt.epoch(),
    'seq', coalesce((select s.last_seq from rt.stream s where s.channel = 'live:' || p_live), 0));
end $$;
