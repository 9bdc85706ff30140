-- Deletes up to p_limit rows of each kind that nothing needs any more; returns how many in all.
-- Called by the scheduled job account:clean until nothing is left.
-- Raises nothing.
create function account.clean(p_limit int, p_now timestamptz default clock_timestamp()) returns bigint
language sql as $$
  with ended_sessions as (
    -- Kept for a day, so that a copied token of one that just ended is told from a random string in the logs.
    delete from sessions where id in (
      select id from sessions where expires_at < p_now - interval '1 day' order by expires_at limit p_limit)
    returning 1
  ), ended_tokens as (
    delete from mail_tokens where token_hash in (
      select token_hash from mail_tokens where expires_at < p_now order by expires_at limit p_limit)
    returning 1
  ), empty_buckets as (
    delete from util.rate where key in (
      select key from util.rate where empty_at < p_now order by empty_at limit p_limit for update skip locked)
    returning 1
  )
  select (select count(*) from ended_sessions) + (select count(*) from ended_tokens)
    + (select count(*) from empty_buckets)
$$;
