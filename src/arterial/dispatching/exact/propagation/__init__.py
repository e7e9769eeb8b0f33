"""Earliest instants that chosen orders allow."""
