"""Refilling of months of a labour pool."""
