"""Times that are stated or published far beyond what a train needs.

Main function: :func:`is_absurd`. A slip of a day or of a unit makes hours of minutes; a train that
stands for long says so as a standstill at a stop.
"""

from typing import Final

from arterial.units import HOUR_S

__all__ = ["SLOWEST_FACTOR", "SLOWEST_MORE_S", "is_absurd"]

SLOWEST_FACTOR: Final = 10.0
"""Running time over the least one from which it is not believed; an assumption."""

SLOWEST_MORE_S: Final = 6.0 * HOUR_S
"""Time beyond the least one that is believed whatever the factor: a siding, a border [s]."""


def is_absurd(running_s: float, least_s: float) -> bool:
    """Whether a running time is longer than ten times the least one and six hours more.

    Examples
    --------
    125 km at 100 km/h need 1 h 15 min; a day and more is no running time:

    >>> is_absurd(25 * 3600, 75 * 60), is_absurd(5 * 3600, 75 * 60)
    (True, False)
    """
    return 0 < SLOWEST_FACTOR * least_s < running_s and running_s - least_s > SLOWEST_MORE_S
