-- Lets somebody write again in a live.
-- Called by DELETE /api/lives/{id}/bans/{username}.
-- Raises not_found, forbidden.
create function chat.unban(p_live text, p_actor bigint, p_username text) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
begin
  perform chat.lift(v_live, p_actor, chat.find_user(p_username));
end $$;
