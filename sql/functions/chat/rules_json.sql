-- What holds in a live's chat, as everybody may know it (blocked words are the moderators' business).
-- Called by live.live_json, and sent as chat:rules when it changes.
-- Raises nothing.
create function chat.rules_json(p_live bigint) returns jsonb
language sql stable as $$
  select jsonb_build_object('is_open', r.is_open, 'slow_seconds', r.slow_seconds, 'followers_only', r.followers_only,
    'verified_only', r.verified_only, 'unique_only', r.unique_only, 'link_rule', r.link_rule)
  from chat_rules r where r.live_id = p_live
$$;
