"""The outside world, each service in its own protocol. Nothing here knows the database."""
