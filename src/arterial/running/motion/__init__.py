"""Equation of motion of one train: forces, integration steps and where a step ends."""
