-- Lets somebody write again in a live; with p_restore also shows what was hidden when they were silenced.
-- Called by DELETE /api/lives/{id}/bans/{username}.
-- Raises not_found, forbidden.
create function chat.unban(p_live text, p_actor bigint, p_username text, p_restore boolean default false) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
  v_target bigint := chat.find_user(p_username);
  -- Taken in the commit that hid the messages: what was taken away before was so for another reason.
  v_since timestamptz := (select b.created_at from chat_bans b where b.live_id = v_live.id and b.user_id = v_target);
begin
  if not chat.lift(v_live, p_actor, v_target) or not p_restore then
    return;
  end if;
  perform chat.restore(v_live, (
    select array_agg(m.seq) from chat_messages m join chat_rules r on r.live_id = m.live_id
    where m.live_id = v_live.id and m.user_id = v_target and m.seq > r.cleared_seq
      and m.deleted_by = 'moderator' and m.deleted_at >= v_since
  ));
end $$;
