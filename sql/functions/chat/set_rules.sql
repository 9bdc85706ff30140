-- Changes what is given of a chat's rules (null: as it was); returns them all.
-- Called by PATCH /api/lives/{id}/chat.
-- Raises not_found, forbidden, invalid.
create function chat.set_rules(p_live text, p_actor bigint, p_is_open boolean, p_slow_seconds integer,
  p_followers_only boolean, p_verified_only boolean, p_unique_only boolean, p_link_rule text, p_blocked_words text[],
  p_word_chars integer default 4000)
returns jsonb language plpgsql as $$
begin
  perform chat.change_rules(chat.moderated(p_live, p_actor), p_actor, p_is_open, p_slow_seconds, p_followers_only,
    p_verified_only, p_unique_only, p_link_rule, p_blocked_words, p_word_chars);
  return chat.get_rules(p_live, p_actor);
end $$;
