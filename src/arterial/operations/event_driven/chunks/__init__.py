"""Replications with dispatching, drawn, run and attributed in one go."""
