-- Changes the profile picture (null: none) and leaves the removal of the old object to a job.
-- Called by PUT and DELETE /api/users/me/avatar.
-- Raises nothing.
create function account.set_avatar(p_user_id bigint, p_key text) returns void language plpgsql as $$
declare
  v_old text;
begin
  select avatar_key into v_old from users where id = p_user_id for update;
  if v_old is distinct from p_key then
    update users set avatar_key = p_key, updated_at = now() where id = p_user_id;
    if v_old is not null then
      perform q.enqueue('default', 'avatar:delete', jsonb_build_object('key', v_old));
    end if;
  end if;
end $$;
