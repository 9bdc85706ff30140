-- Clears a chat: everything up to now is shown no more, to nobody. The rows stay.
-- Called by chat.clear and ops.clear_chat, which hold the chat.
-- Raises nothing.
create function chat.wipe(p_live lives, p_actor bigint) returns void
language plpgsql as $$
declare
  v_top bigint := (select s.last_seq from rt.stream s where s.channel = 'live:' || p_live.public_id);
begin
  perform chat.unpin_where(p_live, 0, v_top);
  update chat_rules r set cleared_seq = v_top, updated_at = now() where r.live_id = p_live.id;
  perform chat.log(p_live.id, p_actor, 'clear', null, jsonb_build_object('up_to', v_top));
  perform q.enqueue('default', 'scrub_chat', jsonb_build_object('live', p_live.public_id, 'up_to', v_top));
  perform rt.publish('live:' || p_live.public_id, 'chat:cleared', jsonb_build_object('up_to', v_top));
end $$;
