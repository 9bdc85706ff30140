-- Tells the pages that show a live to load it again, without a word of it, when it became private or is so no more. What
-- was said in between is hidden from then on: it was meant for its owner and moderators. p_live: as it is now.
-- Called by live.update_live, which holds the row's lock. Raises nothing.
create function live.change_audience(p_live lives) returns void
language plpgsql as $$
declare
  v_channel text := 'live:' || p_live.public_id;
  v_from bigint := coalesce(p_live.private_seq, 0);
  v_seq bigint;
begin
  perform live.drop_cached();
  -- From here on nobody posts: who waits is judged by what this transaction leaves.
  perform chat.lock_rooms(array[p_live.public_id]);
  if p_live.visibility = 'private' then
    v_seq := rt.publish(v_channel, 'live:reload', '{"is_private": true}');
    update lives v set private_seq = v_seq where v.id = p_live.id;
    return;
  end if;
  update chat_messages m set is_hidden = true, deleted_at = coalesce(m.deleted_at, clock_timestamp()),
    deleted_by = coalesce(m.deleted_by, 'author')
  where m.live_id = p_live.id and m.seq > v_from;
  perform chat.unpin_where(p_live, v_from + 1, 9223372036854775807);
  v_seq := rt.publish(v_channel, 'live:reload', '{"is_private": false}');
  update lives v set private_seq = null, open_seq = v_seq where v.id = p_live.id;
end $$;
