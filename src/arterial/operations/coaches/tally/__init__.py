"""Compiled sums of shares of delay over replications."""
