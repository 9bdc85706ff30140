"""From an event in PostgreSQL to an open socket: hub, connections, frames, protocol."""
