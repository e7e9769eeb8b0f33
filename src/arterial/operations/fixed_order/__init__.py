"""Trains kept in their planned order, many replications at once."""
