"""Ruin and recreate over orders, in which the trains that stay may slip."""
