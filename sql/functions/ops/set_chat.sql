-- Changes rules of a live's chat; what is not named stays.
-- Called by operators in psql: select ops.set_chat('live id', p_slow_seconds => 30, p_link_rule => 'hold');
-- Raises not_found, invalid.
create function ops.set_chat(p_live text, p_is_open boolean default null, p_slow_seconds integer default null,
  p_followers_only boolean default null, p_verified_only boolean default null, p_unique_only boolean default null,
  p_link_rule text default null, p_blocked_words text[] default null) returns jsonb language plpgsql as $$
declare
  v_live lives := ops.open_chat(p_live);
begin
  perform chat.change_rules(v_live, null, p_is_open, p_slow_seconds, p_followers_only, p_verified_only, p_unique_only,
    p_link_rule, p_blocked_words);
  return chat.rules_json(v_live.id);
end $$;
