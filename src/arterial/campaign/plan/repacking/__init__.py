"""Repacking of the months of a line by knapsack."""
