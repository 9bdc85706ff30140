-- Notes why a stored event could not be applied; the job's retry or an operator tries again.
-- Called by jobs that apply outside events.
-- Raises nothing.
create function inbox.failed(p_id bigint, p_error text) returns void
language sql as $$
  update public.inbox set error = left(p_error, 2000) where id = p_id and applied_at is null
$$;
