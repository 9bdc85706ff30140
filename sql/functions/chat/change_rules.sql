-- Changes what is given of a chat's rules (null: as it was) and tells everybody when something changed.
-- p_word_chars: characters of all blocked words together, as they are compared.
-- Called by chat.set_rules and ops.set_chat, which hold the chat.
-- Raises invalid.
create function chat.change_rules(p_live lives, p_actor bigint, p_is_open boolean default null,
  p_slow_seconds integer default null, p_followers_only boolean default null, p_verified_only boolean default null,
  p_unique_only boolean default null, p_link_rule text default null, p_blocked_words text[] default null,
  p_word_chars integer default 4000) returns void
language plpgsql as $$
declare
  v_old chat_rules;
  v_new chat_rules;
begin
  -- Folding makes up to eighteen characters of one.
  if (select sum(length(chat.fold(w))) from unnest(p_blocked_words) w) > p_word_chars then
    perform util.fail(422, 'invalid', null, jsonb_build_object('blocked_words',
      jsonb_build_object('code', 'words_many', 'most', p_word_chars)));
  end if;
  select * into v_old from chat_rules r where r.live_id = p_live.id;
  update chat_rules r set
    is_open = coalesce(p_is_open, r.is_open),
    slow_seconds = coalesce(p_slow_seconds, r.slow_seconds),
    followers_only = coalesce(p_followers_only, r.followers_only),
    verified_only = coalesce(p_verified_only, r.verified_only),
    unique_only = coalesce(p_unique_only, r.unique_only),
    link_rule = coalesce(p_link_rule, r.link_rule),
    blocked_words = coalesce((
      select array_agg(distinct btrim(w) order by btrim(w)) filter (where chat.fold(btrim(w)) <> '')
      from unnest(p_blocked_words) w), case when p_blocked_words is null then r.blocked_words else '{}' end)
  where r.live_id = p_live.id returning * into v_new;
  if v_new is not distinct from v_old then
    return;
  end if;
  update chat_rules r set updated_at = now() where r.live_id = p_live.id;
  perform chat.log(p_live.id, p_actor, 'rules', null, (
    select jsonb_object_agg(n.key, n.value) from jsonb_each(to_jsonb(v_new)) n
    where n.value is distinct from to_jsonb(v_old) -> n.key));
  perform rt.publish('live:' || p_live.public_id, 'chat:rules', chat.rules_json(p_live.id));
end $$;
