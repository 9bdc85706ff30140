-- The id of a user by name, whatever its case.
-- Called by functions that moderate people.
-- Raises not_found.
create function chat.find_user(p_username text) returns bigint
language plpgsql stable as $$
declare
  v_id bigint := (select u.id from users u where lower(u.username) = lower(p_username));
begin
  if v_id is null then
    perform util.fail(404, 'not_found', 'There is no user of that name.');
  end if;
  return v_id;
end $$;
