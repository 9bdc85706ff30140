-- Hides a live at once; one that is on air ends.
-- Called by DELETE /api/lives/{id}.
-- Raises not_found.
create function live.delete_live(p_public_id text, p_owner bigint) returns void
language plpgsql as $$
declare
  v_live lives := live.owned_live(p_public_id, p_owner);
begin
  update lives set deleted_at = now(), updated_at = now() where id = v_live.id;
  -- Either tells whoever is there, and the hub then takes them off. One that is still to come can be taken back as that.
  if v_live.status = 'live' then
    perform live.close_live(v_live, null);
  else
    perform live.tell_changed(v_live);
  end if;
end $$;
