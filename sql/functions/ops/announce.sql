-- Shows a text on the pages of a live, within a second.
-- Called by operators in psql: select ops.announce('live id', 'text');
-- Raises not_found, invalid.
create function ops.announce(p_live text, p_text text) returns text language plpgsql as $$
declare
  v_id bigint;
begin
  select v.id into v_id from lives v where v.public_id = p_live and v.deleted_at is null;
  if not found then
    perform util.fail(404, 'not_found', 'There is no live of that id.');
  elsif not coalesce(util.is_visible(p_text), false) or length(btrim(p_text)) > 500 then
    perform util.fail(422, 'invalid', 'An announcement has 1 to 500 characters.');
  end if;
  perform chat.log(v_id, null, 'announce', null, jsonb_build_object('text', btrim(p_text)));
  perform rt.publish('live:' || p_live, 'live:announcement', jsonb_build_object('text', btrim(p_text)));
  return format('told on %s', p_live);
end $$;
