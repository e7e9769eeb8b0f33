"""Counter-based chance: the same number for the same event, whatever else is simulated."""

from arterial.operations.chance.chance_kernel import make_key

__all__ = ["make_key"]
