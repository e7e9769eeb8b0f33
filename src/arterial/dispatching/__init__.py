"""Dispatching: which train goes first, on which track, and when."""
