"""Stand-ins for a laptop: they speak the real protocols, so the service has one code path."""
