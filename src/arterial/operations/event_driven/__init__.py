"""Trains dispatched by rules as events come, with failures and repairs."""
