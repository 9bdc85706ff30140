-- Ends a live, on air or still to come, and tells why; open pages show it within a second.
-- Called by operators in psql: select ops.close_live('live id', 'why');
-- Raises not_found.
create function ops.close_live(p_live text, p_reason text) returns text language plpgsql as $$
declare
  v_live lives;
begin
  select * into v_live from lives v where v.public_id = p_live and v.deleted_at is null for no key update;
  if not found then
    perform util.fail(404, 'not_found', 'There is no live of that id.');
  elsif v_live.status = 'ended' then
    return format('%s was over already', p_live);
  end if;
  perform live.close_live(v_live, coalesce(p_reason, ''));
  perform chat.log(v_live.id, null, 'close', null, jsonb_build_object('reason', p_reason));
  return format('%s is over', p_live);
end $$;
