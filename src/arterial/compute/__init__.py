"""Runs of any size, here or on a cluster, with the same numbers."""
