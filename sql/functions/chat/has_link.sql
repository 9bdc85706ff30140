-- Whether a folded text names a place on the web: a scheme, www., a name with a path, or one that ends as sites do.
-- Called by chat.post and chat.find_blocked.
-- Raises nothing.
create function chat.has_link(p_folded text) returns boolean
language sql immutable as $$
  select p_folded ~ ('://|\mwww\.|[[:alnum:]-]\.[a-z]{2,24}/'
    || '|[[:alnum:]-]\.(com|net|org|info|biz|io|co|tv|gg|app|dev|xyz|live|site|online|shop|store|link|club|top|ru|cn|kr|tw|jp|uk|de|fr|eu)\M')
$$;
