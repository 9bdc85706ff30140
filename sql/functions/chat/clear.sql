-- Clears a live's chat for everybody.
-- Called by POST /api/lives/{id}/clear.
-- Raises not_found, forbidden.
create function chat.clear(p_live text, p_actor bigint) returns void
language plpgsql as $$
begin
  perform chat.wipe(chat.moderated(p_live, p_actor), p_actor);
end $$;
