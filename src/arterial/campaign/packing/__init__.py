"""The bound that keeps works whole in each possession."""
