-- One live with everything its page shows: the list entry, its chat's rules, and who the viewer is there.
-- Called by live.get_live and by the functions that change a live.
-- Raises nothing.
create function live.live_json(p_live lives, p_viewer bigint) returns jsonb
language plpgsql stable as $$
declare
  v_is_owner boolean := p_live.owner_id is not distinct from p_viewer;
  v_json jsonb := live.cards(array[p_live.id]) -> 0;
  v_pinned jsonb;
begin
  v_json := jsonb_set(v_json, '{owner,follower_count}',
    (select to_jsonb(u.follower_count) from users u where u.id = p_live.owner_id));
  if exists (select from chat_rules r where r.live_id = p_live.id and r.pinned_seq is not null) then
    select chat.message_json(m) into v_pinned
    from chat_rules r join chat_messages m on m.live_id = r.live_id and m.seq = r.pinned_seq
    where r.live_id = p_live.id and m.deleted_at is null;
  end if;
  return v_json || jsonb_build_object(
    'chat', chat.rules_json(p_live.id),
    'pinned', v_pinned,
    'key_hint', case when v_is_owner then p_live.key_hint end,
    'me', jsonb_build_object(
      'is_owner', v_is_owner,
      'is_moderator', exists (select from chat_moderators m where m.live_id = p_live.id and m.user_id = p_viewer),
      'is_following', exists (select from follows f where f.creator_id = p_live.owner_id and f.user_id = p_viewer),
      'restriction', live.restriction_json(p_live.id, p_viewer)));
end $$;
