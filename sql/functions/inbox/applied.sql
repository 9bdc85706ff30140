-- Marks a stored event as applied, in the transaction that applies it; false when it already was.
-- Called by SQL functions and jobs that apply outside events.
-- Raises nothing.
create function inbox.applied(p_id bigint) returns boolean
language sql as $$
  with u as (
    update public.inbox set applied_at = now(), error = null where id = p_id and applied_at is null returning 1
  )
  select exists (select 1 from u)
$$;
