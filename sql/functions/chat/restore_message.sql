-- Brings a message back that was taken away by mistake, within p_within: by its author what the author took away, by
-- who may moderate what a moderator did. One that is there stays as it is.
-- Called by POST /api/lives/{id}/messages/{seq}/restore.
-- Raises not_found, forbidden, too_late.
create function chat.restore_message(p_live text, p_actor bigint, p_seq bigint, p_within interval) returns void
language plpgsql as $$
declare
  v_live lives := live.visible_live(p_live, p_actor);
  v_message chat_messages;
begin
  perform chat.lock_rooms(array[p_live]);
  select m.* into v_message from chat_messages m join chat_rules r on r.live_id = m.live_id
  where m.live_id = v_live.id and m.seq = p_seq and m.seq > r.cleared_seq;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v_message.deleted_at is null then
    return;
  elsif v_message.deleted_at < clock_timestamp() - p_within then
    perform util.fail(409, 'too_late');
  elsif v_message.deleted_by = 'author' and v_message.user_id <> p_actor
    or v_message.deleted_by = 'moderator' and not chat.may_moderate(v_live.id, p_actor) then
    perform util.fail(403, 'forbidden');
  end if;
  perform chat.restore(v_live, array[p_seq]);
  if v_message.deleted_by = 'moderator' then
    perform chat.log(v_live.id, p_actor, 'restore', v_message.user_id, jsonb_build_object('text', v_message.text));
  end if;
end $$;
