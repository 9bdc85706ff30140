-- Passing events (calls' descriptions, say) too large for a notification: the doorbell carries their ids.
-- Nothing here outlives a second, so it need not survive a crash.
create unlogged table rt.blob (
  id      bigint generated always as identity primary key,
  channel text collate "C" not null,
  type    text collate "C" not null,
  -- JSON, but kept as text: it is not searched, and jsonb refuses some texts (NUL) that may pass.
  data    text not null,
  at      timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
