-- A text as it is compared: small letters, full-width and look-alike forms made plain, invisible marks left out.
-- Called by chat.post and chat.find_blocked.
-- Raises nothing.
create function chat.fold(p_text text) returns text
language sql immutable as $$
  select lower(translate(normalize(p_text, NFKC), E'\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u2060\ufe0f\ufeff', ''))
$$;
