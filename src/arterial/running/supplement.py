"""From the basic running time to one that can be promised: allowances and restrictions.

`add_allowance` adds a regularity margin, and `restrict_path` lays temporary speed restrictions on
a path.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from arterial.errors import Fault, LimitError
from arterial.running.path import PathProfile
from arterial.running.resistance import SourceGrade
from arterial.units import KM_TO_M, MINUTE_S

__all__ = [
    "ALLOWANCES",
    "Allowance",
    "SpeedRestriction",
    "add_allowance",
    "restrict_path",
]

PER_DISTANCE_M: Final = 100.0 * KM_TO_M
MOST_PERCENT: Final = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A regularity margin: a share of the running time and a time by distance, added up.

    Parameters
    ----------
    name : str
        Name as in `ALLOWANCES`.
    percent : float
        Share of the basic running time [%].
    minutes_per_100_km : float
        Time by distance [min/100 km].
    source : str
        Whence the figures are.
    grade : SourceGrade
        How well they are known.
    """

    name: str
    percent: float
    minutes_per_100_km: float
    source: str
    grade: SourceGrade

    def __post_init__(self) -> None:
        """Refuse negative margins and margins above the running time itself."""
        if not (0.0 <= self.percent <= MOST_PERCENT and 0.0 <= self.minutes_per_100_km < MINUTE_S):
            message = f"The allowance {self.name!r} lies outside 0 to 100 % or 0 to 60 min/100 km."
            raise LimitError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRestriction:
    """A temporary speed restriction.

    Parameters
    ----------
    start_m, end_m : float
        Stretch of the path [m].
    speed_limit_kmh : float
        Speed on it [km/h].
    """

    start_m: float
    end_m: float
    speed_limit_kmh: float


def _recalled(name: str, percent: float, minutes_per_100_km: float) -> Allowance:
    return Allowance(
        name=name,
        percent=percent,
        minutes_per_100_km=minutes_per_100_km,
        source="UIC leaflet 451-1, 4th edition (2000)",
        grade=SourceGrade.RECALLED,
    )


ALLOWANCES: Final = MappingProxyType(
    {
        allowance.name: allowance
        for allowance in (
            _recalled("passenger_hauled_to_140_kmh", 3.0, 1.5),
            _recalled("passenger_hauled_heavy_and_fast", 7.0, 1.5),
            _recalled("multiple_unit_to_140_kmh", 3.0, 1.0),
            _recalled("multiple_unit_to_160_kmh", 4.0, 1.0),
            _recalled("multiple_unit_to_200_kmh", 5.0, 1.0),
            _recalled("multiple_unit_to_250_kmh", 6.0, 1.0),
            _recalled("multiple_unit_above_250_kmh", 7.0, 1.0),
            _recalled("freight_mixed_form", 3.0, 1.0),
            _recalled("freight_distance_form", 0.0, 3.0),
            _recalled("freight_percentage_form", 4.0, 0.0),
        )
    }
)
"""Regularity margins by name. The structure of the leaflet was read; the figures are recalled."""


def add_allowance(running_time_s: float, length_m: float, allowance: Allowance) -> float:
    """Running time with a regularity margin [s].

    T (1 + p / 100) + m 60 L / 100 km, without the dwell times, which get no margin.

    Parameters
    ----------
    running_time_s : float
        Basic running time [s].
    length_m : float
        Length run [m].
    allowance : Allowance
        The margin.

    Returns
    -------
    float
        Running time with the margin [s].

    Examples
    --------
    50 km in 3000 s with 3 % and 1.5 min/100 km: 3000 + 90 + 45.

    >>> add_allowance(3000.0, 50_000.0, ALLOWANCES["passenger_hauled_to_140_kmh"])
    3135.0
    """
    by_distance_s = allowance.minutes_per_100_km * MINUTE_S * length_m / PER_DISTANCE_M
    return running_time_s * (1.0 + allowance.percent / 100.0) + by_distance_s


def restrict_path(path: PathProfile, restrictions: Sequence[SpeedRestriction]) -> PathProfile:
    """Path with lower limits over some stretches; limits that are lower already stay.

    Parameters
    ----------
    path : PathProfile
        The path; it is not changed.
    restrictions : sequence of SpeedRestriction
        Restrictions, which may overlap; parts beyond the path are left out.

    Returns
    -------
    PathProfile
        A new path, cut where a restriction begins or ends.

    Raises
    ------
    LimitError
        If a restriction has no length or no speed.

    Examples
    --------
    >>> path = PathProfile(
    ...     position_m=(0.0, 1000.0), gradient_permille=(0.0,), speed_limit_kmh=(90.0,),
    ...     stop_position_m=(1000.0,), stop_dwell_s=(0.0,))
    >>> slow = SpeedRestriction(start_m=200.0, end_m=400.0, speed_limit_kmh=40.0)
    >>> restrict_path(path, [slow]).speed_limit_kmh
    (90.0, 40.0, 90.0)
    """
    faults = [
        Fault(f"The restriction {item} is empty.", "Give it a length and a speed above 0.")
        for item in restrictions
        if not (item.end_m > item.start_m and item.speed_limit_kmh > 0.0)
    ]
    if faults:
        message = "A temporary speed restriction is faulty."
        raise LimitError(message, faults)
    first, last = path.position_m[0], path.position_m[-1]
    ends = {end for item in restrictions for end in (item.start_m, item.end_m)}
    positions = sorted({*path.position_m, *(end for end in ends if first < end < last)})
    pieces = [bisect_right(path.position_m, start) - 1 for start in positions[:-1]]
    limits = [
        min(
            path.speed_limit_kmh[piece],
            *(r.speed_limit_kmh for r in restrictions if r.start_m <= start < r.end_m),
            float("inf"),
        )
        for start, piece in zip(positions[:-1], pieces, strict=True)
    ]
    names = dict(zip(path.position_m, path.position_names, strict=False))
    return replace(
        path,
        position_m=positions,
        gradient_permille=[path.gradient_permille[piece] for piece in pieces],
        speed_limit_kmh=limits,
        curve_radius_m=[path.curve_radius_m[piece] for piece in pieces],
        position_names=[names.get(place, "") for place in positions] if names else (),
    )
