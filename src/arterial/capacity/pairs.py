"""Closed forms of capacity: pairs or trains a day, trains removed, trains needed.

Main functions: :func:`pairs_per_day`, :func:`needed_pairs`, :func:`scott_trains_per_day`. Each is
one line of arithmetic with its source; they say how much a line can carry, which is another
question than how much of it a timetable consumes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from arterial.errors import LimitError

__all__ = [
    "DAY_MIN",
    "Removal",
    "needed_pairs",
    "pairs_per_day",
    "remaining_pairs",
    "scott_trains_per_day",
]

DAY_MIN: Final = 1440
"""Minutes of a day."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Trains of a kind that take the place of freight trains.

    Parameters
    ----------
    pairs : float
        Pairs of such trains a day.
    coefficient : float
        Removal coefficient: freight pairs that one such pair takes from the line [1].
    """

    pairs: float
    coefficient: float

    @property
    def removed_pairs(self) -> float:
        """Freight pairs that they take."""
        return self.pairs * self.coefficient


def pairs_per_day(
    period_min: float,
    *,
    window_min: float = 0.0,
    reliability: float = 1.0,
) -> float:
    """Pairs of trains a day that a section can carry.

    N = (1440 - t_window) alpha / T, with the period T of a pair. For a double-track section T is
    the running time and the interval between following trains, and for automatic block the
    interval alone; N are then trains a day in one direction.

    Parameters
    ----------
    period_min : float
        Period of the timetable on the section [min].
    window_min : float
        Maintenance window a day, in which no train runs [min].
    reliability : float
        Share of the rest in which everything works, alpha: failures, and hours without current
        where traction is electric [1].

    Returns
    -------
    float
        Pairs a day, not rounded.

    Raises
    ------
    LimitError
        If a value lies outside its limits.

    Notes
    -----
    Parallel paths of like trains; see `remaining_pairs` for faster and slower ones. Source: worked
    examples at tlookup.ru/wocs-1042-1 and wocs-1044-1.

    Examples
    --------
    >>> int(pairs_per_day(55))
    26
    >>> round(pairs_per_day(16 + 4, window_min=120, reliability=0.95), 1)
    62.7
    """
    _require_above(period_min, "The period")
    if not 0 <= window_min <= DAY_MIN:
        message = f"The maintenance window must lie within 0 and {DAY_MIN} min, not {window_min}."
        raise LimitError(message)
    if not 0 <= reliability <= 1:
        message = f"The reliability must lie within 0 and 1, not {reliability}."
        raise LimitError(message)
    return (DAY_MIN - window_min) * reliability / period_min


def remaining_pairs(parallel_pairs: float, removals: Iterable[Removal]) -> float:
    """Freight pairs that stay possible beside trains that run faster or slower.

    N = N_parallel - sum of N_i E_i (tlookup.ru/wocs-1044-1); never below zero.

    Examples
    --------
    >>> others = [Removal(1, 1.2), Removal(1, 1), Removal(1, 1.2), Removal(1, 1.6)]
    >>> round(remaining_pairs(22, others), 1)
    17.0
    """
    return max(0.0, parallel_pairs - sum(removal.removed_pairs for removal in removals))


def needed_pairs(
    freight_pairs: float,
    removals: Iterable[Removal] = (),
    *,
    reserve: float,
    unevenness: float = 1.0,
) -> float:
    """Pairs a day that a line must be able to carry for a given traffic.

    N = (N_freight + sum of N_i E_i) u / K (tlookup.ru/wocs-1044-1).

    Parameters
    ----------
    freight_pairs : float
        Freight pairs a day.
    removals : iterable of Removal
        Other trains.
    reserve : float
        Share of the capacity that may be used, K: 0.85 to 0.87 single, 0.91 double track [1].
    unevenness : float
        Traffic of a busy day over that of a mean day, u [1].

    Returns
    -------
    float
        Pairs a day.

    Examples
    --------
    >>> round(needed_pairs(30, [Removal(8, 1.4), Removal(2, 2.2)], reserve=0.91, unevenness=1.1), 1)
    55.1
    """
    if not 0 < reserve <= 1:
        message = f"The reserve coefficient must lie above 0 and up to 1, not {reserve}."
        raise LimitError(message)
    removed = sum(removal.removed_pairs for removal in removals)
    return (freight_pairs + removed) * unevenness / reserve


def scott_trains_per_day(running_min: float, block_min: float, *, efficiency: float = 0.7) -> float:
    """Trains a day over a section after Scott's formula, as it is used in India.

    C = 1440 E / (T + t).

    Parameters
    ----------
    running_min : float
        Running time of the slowest train over the critical section, T [min].
    block_min : float
        Time to work the block instruments, t [min].
    efficiency : float
        Share of the day that can be used, E [1]; 0.7 is usual (recalled).

    Returns
    -------
    float
        Trains a day, both directions together.

    Notes
    -----
    Source: calculator.academy/line-capacity-calculator. Not a UIC 406 figure: it says how many
    trains would fit, not how much of the line a timetable consumes.

    Examples
    --------
    >>> scott_trains_per_day(20, 100, efficiency=0.75)
    9.0
    >>> scott_trains_per_day(10, 2, efficiency=0.9)
    108.0
    """
    _require_above(running_min + block_min, "Running time and block time together")
    if not 0 <= efficiency <= 1:
        message = f"The efficiency must lie within 0 and 1, not {efficiency}."
        raise LimitError(message)
    return DAY_MIN * efficiency / (running_min + block_min)


def _require_above(value: float, what: str) -> None:
    if not value > 0:
        message = f"{what} must be above 0 min, not {value}."
        raise LimitError(message)
