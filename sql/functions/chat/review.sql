-- Approves a held message, which is then posted like any other, or rejects it; the first moderator decides.
-- Called by POST /api/lives/{id}/held/{hid}.
-- Raises not_found, forbidden, already_reviewed, live_ended.
create function chat.review(p_live text, p_actor bigint, p_id bigint, p_verdict text) returns void
language plpgsql as $$
declare
  v_live lives := chat.moderated(p_live, p_actor);
  v_held chat_held;
begin
  select * into v_held from chat_held h where h.live_id = v_live.id and h.id = p_id;
  if not found then
    perform util.fail(404, 'not_found');
  elsif v_held.verdict is not null then
    if v_held.verdict <> p_verdict then
      perform util.fail(409, 'already_reviewed');
    end if;
    return;
  elsif p_verdict = 'approved' and v_live.status = 'ended' then
    perform util.fail(409, 'live_ended');
  end if;
  update chat_held h set verdict = p_verdict, reviewed_by = p_actor, reviewed_at = now() where h.id = p_id;
  if p_verdict = 'approved' then
    perform chat.release(v_live, v_held);
  end if;
  perform chat.log(v_live.id, p_actor, case p_verdict when 'approved' then 'approve' else 'reject' end, v_held.user_id,
    jsonb_build_object('text', v_held.text));
  perform rt.publish('live:' || p_live || ':mod', 'chat:reviewed', jsonb_build_object('id', p_id, 'verdict', p_verdict));
end $$;
