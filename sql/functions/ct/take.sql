-- Takes the gathered counts of a kind out, of so many things at most, each summed over its slots; the caller adds them
-- to its table in the same commit.
-- Called by the noun that owns the numbers (views and likes of videos). Rows being written right now wait for next time.
-- Raises nothing.
create function ct.take(p_kind text, p_limit integer default 5000) returns table (id bigint, n bigint)
language sql as $$
  with d as (
    delete from ct.counter c using (
      select x.id, x.slot from ct.counter x
      where x.kind = p_kind
        and x.id in (select distinct y.id from ct.counter y where y.kind = p_kind order by y.id limit p_limit)
      for update skip locked) t
    where c.kind = p_kind and c.id = t.id and c.slot = t.slot
    returning c.id, c.n
  )
  select d.id, sum(d.n)::bigint from d group by d.id order by d.id
$$;
