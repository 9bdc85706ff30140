-- Keeps the table's values below a size: removes what expired, then what expires soonest; returns how many rows.
-- Called each minute by app/pg/upkeep.py in the leading process.
-- Raises nothing. Rows being written right now are left for the next time.
create function cache.shrink(p_max_bytes bigint) returns integer
language plpgsql as $$
declare
  v_n integer;
begin
  -- The table with its free space is smaller than that in nearly all of its life: then nothing has to be read.
  if pg_table_size('public.cache_data') <= p_max_bytes then
    return 0;
  end if;
  delete from public.cache_data where key in (
    select x.key from public.cache_data x
    where x.expires_at <= now() or x.key in (
      select s.key from (
        select c.key, sum(pg_column_size(c.value) + 100) over (order by c.expires_at desc, c.key) as kept
        from public.cache_data c where c.expires_at > now()) s
      where s.kept > p_max_bytes)
    for update skip locked);
  get diagnostics v_n = row_count;
  return v_n;
end $$;
