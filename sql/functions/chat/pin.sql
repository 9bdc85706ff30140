-- Pins a message over a live's chat, in place of the one before.
-- Called by PUT /api/lives/{id}/pin.
-- Raises not_found, forbidden.
create function chat.pin(p_live text, p_actor bigint, p_seq bigint) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
  v_message jsonb;
begin
  select chat.message_json(m) into v_message from chat_messages m join chat_rules r on r.live_id = m.live_id
  where m.live_id = v_live.id and m.seq = p_seq and m.seq > r.cleared_seq and m.deleted_at is null;
  if v_message is null then
    perform util.fail(404, 'not_found');
  end if;
  update chat_rules r set pinned_seq = p_seq where r.live_id = v_live.id and r.pinned_seq is distinct from p_seq;
  if found then
    perform chat.log(v_live.id, p_actor, 'pin', null, jsonb_build_object('seq', p_seq));
    perform rt.publish('live:' || p_live, 'chat:pinned',
      jsonb_build_object('seq', p_seq, 'by', v_message -> 'by', 'text', v_message -> 'text'));
  end if;
end $$;
