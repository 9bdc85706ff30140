-- Adds a batch of counts to this process's own slot.
-- Called each second by app/pg/counter.py.
-- Raises nothing.
create function ct.bump(p_slot smallint, p_kind text[], p_id bigint[], p_n bigint[]) returns void
language sql as $$
  insert into ct.counter as c (kind, id, slot, n)
  select t.kind, t.id, p_slot, sum(t.n) from unnest(p_kind, p_id, p_n) as t(kind, id, n)
  group by t.kind, t.id order by t.kind, t.id
  on conflict (kind, id, slot) do update set n = c.n + excluded.n
$$;
