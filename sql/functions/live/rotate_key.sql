-- Replaces the stream key; the old one opens nothing from this commit on.
-- Called by POST /api/lives/{id}/key.
-- Raises not_found, live_ended.
create function live.rotate_key(p_public_id text, p_owner bigint, p_key_hash bytea, p_key_hint text) returns void
language plpgsql as $$
declare
  v_live lives := live.owned_live(p_public_id, p_owner);
begin
  if v_live.status = 'ended' then
    perform util.fail(409, 'live_ended');
  end if;
  update lives v set key_hash = p_key_hash, key_hint = p_key_hint, key_made_at = now(), updated_at = now()
  where v.id = v_live.id;
end $$;
