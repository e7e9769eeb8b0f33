"""Drawn disturbances and outages of one replication, the same for both engines."""
