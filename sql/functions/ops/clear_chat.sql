-- Clears a live's chat for everybody.
-- Called by operators in psql: select ops.clear_chat('live id');
-- Raises not_found.
create function ops.clear_chat(p_live text) returns void language plpgsql as $$
begin
  perform chat.wipe(ops.open_chat(p_live), null);
end $$;
