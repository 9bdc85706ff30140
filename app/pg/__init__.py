"""PostgreSQL: pool, migrator, bus, queue, cache, counters and thin callers of SQL functions."""
