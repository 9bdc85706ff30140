-- The shape of an upload that browsers see, with the parts that have arrived.
-- Called by media.get_upload, media.list_uploads.
-- Raises nothing.
create function media.upload_json(u uploads) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'upload_id', u.public_id,
    'video_id', (select v.public_id from videos v where v.id = u.video_id),
    'filename', u.filename,
    'size', u.size_bytes,
    'content_type', u.content_type,
    'status', u.status,
    'part_size', u.part_size,
    'part_count', u.part_count,
    'expires_at', u.expires_at,
    'created_at', u.created_at,
    'parts', (
      select coalesce(jsonb_agg(jsonb_build_object('n', p.n, 'etag', p.etag, 'size', p.size_bytes) order by p.n), '[]')
      from upload_parts p where p.upload_id = u.id
    )
  )
$$;
