-- A live of the caller's own, locked until the end of the transaction.
-- Called by every function that changes a live on behalf of its owner.
-- Raises not_found, also for other people's public ones: whose it is changes nothing about the answer.
create function live.owned_live(p_public_id text, p_owner bigint) returns lives
language plpgsql as $$
declare
  v_live lives;
begin
  select * into v_live from lives v
  where v.public_id = p_public_id and v.owner_id = p_owner and v.deleted_at is null
  for no key update;
  if not found then
    perform util.fail(404, 'not_found');
  end if;
  return v_live;
end $$;
