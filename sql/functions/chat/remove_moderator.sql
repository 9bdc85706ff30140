-- Takes the right to moderate a live away: by the owner, or one's own.
-- Called by DELETE /api/lives/{id}/moderators/{username}.
-- Raises not_found, forbidden.
create function chat.remove_moderator(p_live text, p_actor bigint, p_username text) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
  v_target bigint := chat.find_user(p_username);
begin
  if p_actor not in (v_live.owner_id, v_target) then
    perform util.fail(403, 'forbidden');
  end if;
  perform chat.drop_moderator(v_live, p_actor, v_target);
end $$;
