-- Uploads that stand still: joining for more than 5 minutes, or open without a new part for an hour.
-- Called by operators from psql; docs/ops.md.
-- Raises nothing.
create view ops.uploads_stuck as
select u.public_id as upload_id, o.username as owner, u.filename, u.status, u.size_bytes,
  p.parts, u.part_count, u.created_at, p.last_part_at, u.expires_at,
  now() - greatest(u.updated_at, p.last_part_at) as still_for
from public.uploads u
join public.users o on o.id = u.owner_id
cross join lateral (
  select count(*) as parts, max(uploaded_at) as last_part_at from public.upload_parts where upload_id = u.id
) as p
where u.status in ('open', 'completing')
  and greatest(u.updated_at, p.last_part_at)
    < now() - case u.status when 'completing' then interval '5 minutes' else interval '1 hour' end
order by still_for desc;
