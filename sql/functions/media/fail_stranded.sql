-- Fails videos in work that no job and no running transcode will ever move (their job died); returns how many.
-- Called by the job sweep_transcodes.
-- Raises nothing.
create function media.fail_stranded(p_seconds int, p_limit int) returns int
language sql as $$
  with stranded as (
    select v.id, v.attempt
    from videos v
    where v.status in ('queued', 'probing', 'transcoding') and v.deleted_at is null
      and v.updated_at <= now() - make_interval(secs => p_seconds)
      and not exists (
        select from q.uniq u
        where u.ukey in (format('probe:%s:%s', v.id, v.attempt), format('transcode:%s:%s', v.id, v.attempt),
            format('finish:%s:%s', v.id, v.attempt)))
      and not exists (
        select from transcode_jobs t
        where t.video_id = v.id and t.attempt = v.attempt and t.job_id is not null
          and t.status in ('submitted', 'progressing'))
    order by v.updated_at limit p_limit
  )
  select count(*) filter (where media.fail_video(s.id, s.attempt, 'processing_stopped'))::int from stranded s
$$;
