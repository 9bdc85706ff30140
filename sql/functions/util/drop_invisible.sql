-- A text without what takes no room or looks like a blank: default ignorables, fillers of Hangul, the empty Braille cell.
-- Called by chat.fold and util.is_visible; app/text.py has the same characters, and a test compares them.
-- Raises nothing.
create function util.drop_invisible(p_text text) returns text
language sql immutable as $$
  select regexp_replace(p_text, '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e'
    || '\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d159'
    || '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+', '', 'g')
$$;
