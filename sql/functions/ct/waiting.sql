-- What was counted for one thing and is not folded into its row yet.
-- Called by functions that show an exact number of one thing.
-- Raises nothing.
create function ct.waiting(p_kind text, p_id bigint) returns bigint
language sql stable as $$
  select coalesce(sum(c.n), 0)::bigint from ct.counter c where c.kind = p_kind and c.id = p_id
$$;
