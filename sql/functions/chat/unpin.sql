-- Takes the pinned message down. Without one nothing changes.
-- Called by DELETE /api/lives/{id}/pin.
-- Raises not_found, forbidden.
create function chat.unpin(p_live text, p_actor bigint) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
begin
  if chat.unpin_where(v_live, 0, 9223372036854775807) then
    perform chat.log(v_live.id, p_actor, 'unpin');
  end if;
end $$;
