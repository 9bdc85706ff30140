-- Removes expired rows of the next few pages, at most p_limit of them; returns how many.
-- Called by the trigger on cache_data with every write: two pages per written row outrun any writer.
-- Raises nothing.
create function cache.evict(p_pages integer default 2, p_limit integer default 64) returns integer
language plpgsql
-- A connection that plans this while the table is small would read all of it with each write when it has grown.
set enable_seqscan = off
as $$
declare
  v_total bigint := pg_relation_size('public.cache_data') / current_setting('block_size')::integer;
  v_from bigint;
  v_n integer;
begin
  if v_total = 0 then
    return 0;
  end if;
  -- A sequence as the hand of the clock: writers move it without waiting for each other.
  v_from := (nextval('cache.hand') * p_pages) % v_total;
  delete from public.cache_data c where c.ctid = any (array(
    select x.ctid from public.cache_data x
    where x.ctid >= format('(%s,0)', v_from)::tid and x.ctid < format('(%s,0)', v_from + p_pages)::tid
      and x.expires_at < now()
    limit p_limit for update skip locked));
  get diagnostics v_n = row_count;
  return v_n;
end $$;
