"""Annealing of plans: moves that push others out, accepted by chance."""
