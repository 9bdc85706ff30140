-- One stored event, and notes that it is being tried; no row when it is applied already.
-- Called by the job that applies it.
-- Raises nothing.
create function inbox.read(p_id bigint)
returns table (id bigint, source text, event_id text, body jsonb, received_at timestamptz)
language sql as $$
  update public.inbox i set attempts = i.attempts + 1 where i.id = p_id and i.applied_at is null
  returning i.id, i.source, i.event_id, i.body, i.received_at
$$;
