"""Exact insertion of one train into the free time of others."""
