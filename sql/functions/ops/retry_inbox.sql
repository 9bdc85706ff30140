-- Applies a stored event again, now, by the kind of job that was meant for it.
-- Called by operators from psql.
-- Raises inbox_not_found, unknown_queue.
create function ops.retry_inbox(p_id bigint, p_queue text, p_kind text) returns text
language plpgsql as $$
begin
  if not exists (select 1 from public.inbox where id = p_id and applied_at is null) then
    perform util.fail(404, 'inbox_not_found');
  end if;
  perform q.enqueue(p_queue, p_kind, jsonb_build_object('inbox_id', p_id), p_ukey => 'inbox:' || p_id);
  return format('event %s is queued', p_id);
end $$;
