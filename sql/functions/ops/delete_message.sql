-- Takes a message out of a live's chat, whoever wrote it.
-- Called by operators in psql: select ops.delete_message('live id', 101);
-- Raises not_found.
create function ops.delete_message(p_live text, p_seq bigint) returns void language plpgsql as $$
declare
  v_live lives := ops.open_chat(p_live);
  v_message chat_messages;
begin
  select * into v_message from chat_messages m where m.live_id = v_live.id and m.seq = p_seq;
  if not found then
    perform util.fail(404, 'not_found', 'There is no message of that number.');
  elsif v_message.deleted_at is null then
    perform chat.remove_message(v_live, p_seq, 'moderator');
    perform chat.log(v_live.id, null, 'delete', v_message.user_id,
      jsonb_build_object('seq', p_seq, 'text', v_message.text));
  end if;
end $$;
