-- Lets somebody moderate a live; twice is the same as once. The owner alone decides, and needs no such right.
-- Called by PUT /api/lives/{id}/moderators/{username}.
-- Raises not_found, forbidden, chat_banned (a silenced person), too_many_moderators.
create function chat.add_moderator(p_live text, p_actor bigint, p_username text, p_most integer) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
  v_target bigint := chat.find_user(p_username);
begin
  if p_actor <> v_live.owner_id or v_target = v_live.owner_id then
    perform util.fail(403, 'forbidden');
  elsif exists (select from chat_bans b where b.live_id = v_live.id and b.user_id = v_target
                and (b.until is null or b.until > now())) then
    perform util.fail(403, 'chat_banned');
  elsif exists (select from chat_moderators m where m.live_id = v_live.id and m.user_id = v_target) then
    return;
  elsif (select count(*) from chat_moderators m where m.live_id = v_live.id) >= p_most then
    perform util.fail(409, 'too_many_moderators');
  end if;
  perform chat.appoint(v_live, p_actor, v_target);
end $$;
