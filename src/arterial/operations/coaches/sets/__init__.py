"""Compiled choice of coach sets: for a trip, and for the works."""
