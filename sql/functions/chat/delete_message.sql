-- Takes a message away: the author's own at any time, any but the owner's by a moderator. Twice is the same as once.
-- Called by DELETE /api/lives/{id}/messages/{seq} and pub chat:delete.
-- Raises not_found, forbidden.
create function chat.delete_message(p_live text, p_actor bigint, p_seq bigint) returns void
language plpgsql as $$
declare
  v_live lives := live.visible_live(p_live, p_actor);
  v_message chat_messages;
begin
  perform chat.lock_rooms(array[p_live]);
  select * into v_message from chat_messages m where m.live_id = v_live.id and m.seq = p_seq;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v_message.user_id = p_actor then
    if v_message.deleted_at is null then
      perform chat.remove_message(v_live, p_seq, 'author');
    end if;
  elsif not chat.may_moderate(v_live.id, p_actor) or v_message.user_id = v_live.owner_id then
    perform util.fail(403, 'forbidden');
  elsif v_message.deleted_at is null then
    perform chat.remove_message(v_live, p_seq, 'moderator');
    perform chat.log(v_live.id, p_actor, 'delete', v_message.user_id,
      jsonb_build_object('seq', p_seq, 'text', v_message.text));
  end if;
end $$;
