-- A live by its public id, its chat taken until the end of the transaction.
-- Called by ops.ban, ops.unban, ops.delete_message, ops.clear_chat, ops.set_chat and ops.set_moderator.
-- Raises not_found.
create function ops.open_chat(p_live text) returns lives language plpgsql as $$
declare
  v_live lives;
begin
  select * into v_live from lives l where l.public_id = p_live and l.deleted_at is null;
  if not found then
    perform util.fail(404, 'not_found', 'There is no live of that id.');
  end if;
  perform chat.lock_rooms(array[p_live]);
  return v_live;
end $$;
