-- Silences somebody in a live, for a time or for good (p_for null), hides what they wrote and tells everybody and them.
-- Called by chat.ban and ops.ban, which hold the chat. A moderator who is banned is one no more; one who is silenced for a time is one again afterwards.
-- Raises nothing.
create function chat.restrict(p_live lives, p_actor bigint, p_target bigint, p_for interval, p_reason text) returns void
language plpgsql as $$
declare
  v_until timestamptz := clock_timestamp() + p_for;
  v_kind text := case when p_for is null then 'ban' else 'timeout' end;
  v_pinned bigint;
  v_hidden bigint[];
begin
  insert into chat_bans as b (live_id, user_id, until, reason, by_user)
  values (p_live.id, p_target, v_until, p_reason, p_actor)
  on conflict (live_id, user_id) do update
    set until = excluded.until, reason = excluded.reason, by_user = excluded.by_user, created_at = now();
  if p_for is null then
    perform chat.drop_moderator(p_live, p_actor, p_target);
  end if;
  select r.pinned_seq into v_pinned from chat_rules r
  join chat_messages m on m.live_id = r.live_id and m.seq = r.pinned_seq and m.user_id = p_target
  where r.live_id = p_live.id;
  with hidden as (
    update chat_messages m set deleted_at = clock_timestamp(), deleted_by = 'moderator'
    where m.live_id = p_live.id and m.user_id = p_target and m.deleted_at is null returning m.seq
  )
  select array_agg(seq) into v_hidden from hidden;
  perform chat.rewrite(p_live, v_hidden);
  update chat_held h set verdict = 'rejected', reviewed_by = p_actor, reviewed_at = now()
  where h.live_id = p_live.id and h.user_id = p_target and h.verdict is null;
  perform chat.unpin_where(p_live, v_pinned, v_pinned);
  perform chat.log(p_live.id, p_actor, v_kind, p_target,
    jsonb_build_object('until', util.utc_text(v_until), 'reason', nullif(p_reason, '')));
  perform rt.publish('live:' || p_live.public_id, 'chat:purged', jsonb_build_object('user_id', p_target));
  -- Last: nobody takes a live's channel while holding a user's.
  perform rt.publish('user:' || p_target, 'chat:restricted', jsonb_build_object('live', p_live.public_id,
    'kind', v_kind, 'until', util.utc_text(v_until), 'reason', p_reason));
end $$;
