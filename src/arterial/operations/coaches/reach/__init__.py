"""Compiled access to the desk of the simulation."""
