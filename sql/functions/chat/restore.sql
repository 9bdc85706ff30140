-- Shows messages again that were taken away, in the history and in the events that told them, and tells it.
-- Called by chat.restore_message and chat.unban, which hold the chat.
-- Raises nothing.
create function chat.restore(p_live lives, p_seq bigint[]) returns void
language plpgsql as $$
declare
  v_seq bigint;
  v_text text;
  -- Open pages are told of so many, the newest; older ones are there when the history is read.
  v_most constant integer := 100;
begin
  for v_seq, v_text in
    update chat_messages m set deleted_at = null, deleted_by = null
    where m.live_id = p_live.id and m.seq = any(p_seq) and m.deleted_at is not null returning m.seq, m.text
  loop
    perform chat.rewrite(p_live, array[v_seq], v_text);
  end loop;
  perform rt.publish('live:' || p_live.public_id, 'chat:restored', jsonb_build_object('messages', (
    select coalesce(jsonb_agg(jsonb_build_object('seq', m.seq, 'text', m.text) order by m.seq), '[]')
    from (
      select c.seq, c.text from chat_messages c
      where c.live_id = p_live.id and c.seq = any(p_seq) and c.deleted_at is null order by c.seq desc limit v_most
    ) m)));
end $$;
