-- The cache in one line: keys by what they are good for, bytes, and how lookups of all processes ended so far.
-- Called by operators from psql; docs/ops.md.
-- Raises nothing; reads the whole table.
create view ops.cache as
select count(*) filter (where c.value is not null and c.fresh_until > now()) as fresh,
       count(*) filter (where c.value is not null and c.fresh_until <= now() and c.expires_at > now()) as stale,
       count(*) filter (where c.lease_until > now()) as building,
       count(*) filter (where c.value is null or c.expires_at <= now()) as empty,
       coalesce(sum(pg_column_size(c.value)), 0)::bigint as value_bytes,
       pg_table_size('public.cache_data') as table_bytes,
       k.near, k.hit, k.stale_answers, k.miss, k.percent_answered
from (
  select coalesce(sum(n) filter (where kind = 'cache:near'), 0)::bigint as near,
         coalesce(sum(n) filter (where kind = 'cache:hit'), 0)::bigint as hit,
         coalesce(sum(n) filter (where kind = 'cache:stale'), 0)::bigint as stale_answers,
         coalesce(sum(n) filter (where kind = 'cache:miss'), 0)::bigint as miss,
         round(100 * sum(n) filter (where kind <> 'cache:miss') / nullif(sum(n), 0), 1) as percent_answered
  from ct.counter where kind like 'cache:%'
) k left join public.cache_data c on true
group by k.near, k.hit, k.stale_answers, k.miss, k.percent_answered;
