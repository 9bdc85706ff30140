-- Asks for the mail that lets somebody set a new password.
-- Called by POST /api/auth/password/forgot. The job finds out whether there is such an account: here, the work
-- and so the time are the same for all. Raises nothing.
create function account.request_reset(p_email text) returns void language sql as $$
  select q.enqueue('mail', 'mail', jsonb_build_object('template', 'reset', 'email', p_email))
$$;
