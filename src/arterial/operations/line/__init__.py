"""Simulated lines: all trains, what disturbs them, and who is late because of whom."""
