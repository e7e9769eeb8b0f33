"""Exact dispatching of small problems, lower bounds: a MIP with conflicts added as they appear."""
