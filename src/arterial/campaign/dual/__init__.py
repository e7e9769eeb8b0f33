"""Prices of all resources, and the bound that they prove."""
