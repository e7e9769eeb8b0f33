"""Analyses: one file each, the only place that wires the domain packages (architecture §B)."""
