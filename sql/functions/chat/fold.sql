-- A text as it is compared: small letters without accents, full-width and look-alike forms made plain, nothing invisible.
-- Called by chat.post and chat.find_blocked.
-- Raises nothing.
create function chat.fold(p_text text) returns text
language sql immutable as $$
  select case when octet_length(p_text) = length(p_text) then lower(p_text) else
    -- Taken apart, so that an accent goes whether it is written with its letter or after it; й stays a letter of its own.
    -- Marks that spell (Thai, Indian scripts, kana) stay; vowel points of Hebrew and Arabic are as optional as accents.
    lower(normalize(regexp_replace(util.drop_invisible(normalize(p_text, NFKD)),
      '(?<![Ии])\u0306|[\u0300-\u0305\u0307-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7'
      || '\u064b-\u0652\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]', '', 'g'), NFKC)) end
$$;
