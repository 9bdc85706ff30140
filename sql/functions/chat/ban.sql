-- Silences somebody in a live for p_seconds, or for good (null). Nobody silences the owner, only the owner a moderator.
-- Called by PUT /api/lives/{id}/bans/{username}.
-- Raises not_found, forbidden.
create function chat.ban(p_live text, p_actor bigint, p_username text, p_seconds integer, p_reason text) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
  v_target bigint := chat.find_user(p_username);
begin
  if v_target in (v_live.owner_id, p_actor)
    or (chat.badge(v_live.id, v_target) is not null and p_actor <> v_live.owner_id) then
    perform util.fail(403, 'forbidden');
  end if;
  perform chat.restrict(v_live, p_actor, v_target, make_interval(secs => p_seconds), p_reason);
end $$;
