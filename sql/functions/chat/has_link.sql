-- Whether a folded text names a place on the web: a scheme, www., a name with a path, or one that ends as sites do.
-- Called by chat.post and chat.find_blocked.
-- Raises nothing.
create function chat.has_link(p_folded text) returns boolean
language sql immutable as $$
  -- Browsers take 。 for a dot; it ends sentences too, so it counts between Latin letters only. Endings that are everyday
  -- words (it, in, so) are left out, and "tell.me" is no link: people forget the blank after a dot.
  select regexp_replace(p_folded, '([a-z0-9-])[。｡]([a-z])', '\1.\2', 'g') ~ (
    '://|\mwww\.|[[:alnum:]-]\.[a-z]{2,24}/|[[:alnum:]-]\.'
    || '(com|net|org|info|biz|io|co|tv|gg|cc|ws|ly|gl|ai|sh|app|dev|xyz|zip|mov|page|pro|live|site|website|online'
    || '|shop|store|link|click|club|top|icu|vip|cloud|blog|tech|space|host|stream|chat|video|email|asia'
    || '|ru|cn|kr|tw|jp|hk|sg|vn|uk|de|fr|nl|pl|br|eu)(?![a-z0-9_-])'
    || '|\m(?!(tell|call|text|ask|let|give|show|help|trust|follow|add|dm|pm|to|for|with|like|love|hate|miss|it|is|not|on'
    || '|at|by|from|about|of|and|or|but|so|than|excuse|join|ping|ban|see|hear|remember|invite|carry|save|take)\.me)'
    || '[[:alnum:]-]+\.me(?![a-z0-9_-])')
$$;
