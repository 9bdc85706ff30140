-- A chat's rules with its blocked words, for those who moderate it.
-- Called by GET and PATCH /api/lives/{id}/chat.
-- Raises not_found, forbidden.
create function chat.get_rules(p_live text, p_actor bigint) returns jsonb
language plpgsql stable as $$
declare
  v_live lives := chat.watched(p_live, p_actor);
begin
  return chat.rules_json(v_live.id)
    || (select jsonb_build_object('blocked_words', r.blocked_words) from chat_rules r where r.live_id = v_live.id);
end $$;
