-- A live that the viewer may see. p_viewer null: a guest.
-- Called by every function that reads or touches a live on behalf of a viewer.
-- Raises not_found, for the unknown, the deleted and other people's private ones alike.
create function live.visible_live(p_public_id text, p_viewer bigint) returns lives
language plpgsql stable as $$
declare
  v_live lives;
begin
  select * into v_live from lives v
  where v.public_id = p_public_id and v.deleted_at is null
    and live.may_see(v.visibility, chat.badge(v.id, p_viewer));
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  return v_live;
end $$;
