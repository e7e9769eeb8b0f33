"""Ruin and recreate: remove a few related trains, insert them anew, keep what anneals."""
