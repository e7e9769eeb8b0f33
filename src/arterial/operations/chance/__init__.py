"""Counter-based chance: the same number for the same event, whatever else is simulated.

Compiled functions are in :mod:`arterial.operations.chance.chance_kernel`; :func:`make_key` turns a
named stream of the study into the key that they start from.
"""

from arterial.operations.chance.keys import make_key

__all__ = ["make_key"]
