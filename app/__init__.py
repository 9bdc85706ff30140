"""Trunkline: a streaming platform carried by PostgreSQL alone."""
