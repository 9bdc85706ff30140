-- Writes down what a moderator did, or an operator (p_actor null).
-- Called by every function that moderates, in its commit.
-- Raises nothing.
create function chat.log(p_live bigint, p_actor bigint, p_action text, p_target bigint default null, p_detail jsonb default '{}')
returns void language sql as $$
  insert into chat_audit (live_id, actor_id, action, target_id, detail, at)
  values (p_live, p_actor, p_action, p_target, jsonb_strip_nulls(p_detail), clock_timestamp())
$$;
