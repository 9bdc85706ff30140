-- Who wrote, as text of JSON: {"id","name","display","badges"?}. p_badge null: none.
-- Called by chat.standing and chat.message_json.
-- Raises nothing.
create function chat.by_json(p_id bigint, p_username text, p_display_name text, p_badge text) returns text
language sql stable as $$
  -- Put together by hand: the spaces PostgreSQL writes into JSON would go to every socket. Names need no escapes.
  select '{"id":' || p_id || ',"name":"' || p_username || '","display":' || to_json(p_display_name)
    || coalesce(',"badges":["' || p_badge || '"]', '') || '}'
$$;
