-- Takes a message away, and its pin; tells it. p_by: 'author' or 'moderator'.
-- Called by chat.delete_message and ops.delete_message, which hold the chat.
-- Raises nothing.
create function chat.remove_message(p_live lives, p_seq bigint, p_by text) returns void
language plpgsql as $$
begin
  update chat_messages m set deleted_at = clock_timestamp(), deleted_by = p_by
  where m.live_id = p_live.id and m.seq = p_seq;
  perform chat.rewrite(p_live, array[p_seq]);
  perform rt.publish('live:' || p_live.public_id, 'chat:deleted', jsonb_build_object('seq', p_seq, 'by', p_by));
  perform chat.unpin_where(p_live, p_seq, p_seq);
end $$;
