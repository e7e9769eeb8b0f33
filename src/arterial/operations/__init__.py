"""Simulated operations: disturbances, delays, their causes, and the hour of arrival."""
