-- Stores an outside event once and adds the job that applies it, in one commit; true when it was new.
-- Called by webhook routes. The job's payload is {"inbox_id": id}.
-- Raises unknown_queue.
create function inbox.store(p_source text, p_event_id text, p_body jsonb, p_queue text, p_kind text)
returns boolean
language plpgsql as $$
declare
  v_id bigint;
begin
  insert into public.inbox (source, event_id, body) values (p_source, p_event_id, p_body)
  on conflict (source, event_id) do nothing
  returning id into v_id;
  if v_id is null then
    return false;
  end if;
  perform q.enqueue(p_queue, p_kind, jsonb_build_object('inbox_id', v_id), p_ukey => 'inbox:' || v_id);
  return true;
end $$;
