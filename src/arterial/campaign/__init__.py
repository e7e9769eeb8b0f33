"""Renewal campaigns: work sites, possessions, labour, materials, and what is chosen."""
