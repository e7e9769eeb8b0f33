"""The path that a train runs over: gradients, limits, curves and stops by position.

`PathProfile` is one of the two inputs of a running time, the other is
`arterial.running.train.Train`; both are plain and frozen, so that the physics runs alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Final

from arterial.errors import Fault, LimitError

__all__ = ["PathProfile"]

STEEPEST_PERMILLE: Final = 150.0
"""Steepest gradient accepted [permille]; adhesion railways end near 120."""
FASTEST_KMH: Final = 600.0
LONGEST_M: Final = 50_000_000.0
TIGHTEST_RADIUS_M: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PathProfile:
    """A path, seen in the direction of travel, with the stops to be made on it.

    Parameters
    ----------
    position_m : sequence of float
        Breakpoints, strictly increasing [m], shape ``(n_pieces + 1,)``.
    gradient_permille : sequence of float
        Gradient of each piece, positive uphill in the direction of travel [permille].
    speed_limit_kmh : sequence of float
        Speed limit of each piece [km/h].
    stop_position_m : sequence of float
        Where the front of the train stops [m], strictly increasing; the last is the destination.
    stop_dwell_s : sequence of float
        Dwell time at each stop [s]; that of the destination is not part of the journey.
    curve_radius_m : sequence of float
        Radius of each piece [m]; NaN or 0 is straight; empty means straight throughout.
    position_names : sequence of str
        Names of the breakpoints; empty when they have none.

    Raises
    ------
    LimitError
        With every fault found, not only the first.

    Examples
    --------
    >>> path = PathProfile(
    ...     position_m=(0.0, 10_000.0), gradient_permille=(0.0,), speed_limit_kmh=(90.0,),
    ...     stop_position_m=(10_000.0,), stop_dwell_s=(0.0,))
    >>> path.length_m
    10000.0
    """

    position_m: Sequence[float]
    gradient_permille: Sequence[float]
    speed_limit_kmh: Sequence[float]
    stop_position_m: Sequence[float]
    stop_dwell_s: Sequence[float]
    curve_radius_m: Sequence[float] = ()
    position_names: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Hold the values as tuples and refuse a faulty path with all its faults."""
        for name in ("position_m", "gradient_permille", "speed_limit_kmh", "stop_position_m"):
            object.__setattr__(self, name, tuple(float(x) for x in getattr(self, name)))
        dwell = tuple(float(x) for x in self.stop_dwell_s)
        radius = tuple(float(x) for x in self.curve_radius_m)
        object.__setattr__(self, "stop_dwell_s", dwell)
        object.__setattr__(self, "curve_radius_m", radius or (0.0,) * self.n_pieces)
        object.__setattr__(self, "position_names", tuple(self.position_names))
        faults = [*_find_shape_faults(self), *_find_value_faults(self), *_find_stop_faults(self)]
        if faults:
            message = "The path profile is faulty."
            raise LimitError(message, faults)

    @property
    def n_pieces(self) -> int:
        """Number of pieces between breakpoints."""
        return max(len(self.position_m) - 1, 0)

    @property
    def length_m(self) -> float:
        """Length from the first to the last breakpoint [m]."""
        return self.position_m[-1] - self.position_m[0]


def _find_shape_faults(path: PathProfile) -> list[Fault]:
    """Faults of the numbers of values, and of their order."""
    faults = []
    if path.n_pieces < 1:
        faults.append(Fault("A path needs at least two positions.", "Add its end."))
    for name in ("gradient_permille", "speed_limit_kmh", "curve_radius_m"):
        count = len(getattr(path, name))
        if count != path.n_pieces:
            cause = f"{name} has {count} values for {path.n_pieces} pieces."
            faults.append(Fault(cause, "Give one value for each piece.", column=name))
    if path.position_names and len(path.position_names) != len(path.position_m):
        cause = f"There are {len(path.position_names)} names for {len(path.position_m)} positions."
        faults.append(Fault(cause, "Name every position or none.", column="position_names"))
    for k in range(path.n_pieces):
        start, end = path.position_m[k], path.position_m[k + 1]
        if not end > start:
            cause = f"Position {end:g} m does not lie beyond {start:g} m."
            faults.append(Fault(cause, "Order positions by distance.", column="position_m"))
    return faults


def _find_value_faults(path: PathProfile) -> list[Fault]:
    """Values that are missing or outside the declared limits."""
    checks: tuple[tuple[str, Callable[[float], bool], str], ...] = (
        ("position_m", lambda x: abs(x) <= LONGEST_M, f"within {LONGEST_M:g} m of zero"),
        (
            "gradient_permille",
            lambda x: abs(x) <= STEEPEST_PERMILLE,
            f"within {STEEPEST_PERMILLE:g} permille",
        ),
        (
            "speed_limit_kmh",
            lambda x: 0.0 < x <= FASTEST_KMH,
            f"above 0 and at most {FASTEST_KMH:g} km/h",
        ),
        ("stop_dwell_s", lambda x: isfinite(x) and x >= 0.0, "a number of seconds, not negative"),
        (
            "curve_radius_m",
            lambda x: isnan(x) or x == 0.0 or x >= TIGHTEST_RADIUS_M,
            f"at least {TIGHTEST_RADIUS_M:g} m, or 0 for straight track",
        ),
    )
    faults = []
    for name, is_good, rule in checks:
        for place, value in enumerate(getattr(path, name)):
            if not is_good(value):
                cause = f"{name}[{place}] is {value:g}."
                faults.append(Fault(cause, f"It must be {rule}.", column=name))
    return faults


def _find_stop_faults(path: PathProfile) -> list[Fault]:
    """Stops that are missing, out of order or off the path."""
    faults = []
    if len(path.stop_dwell_s) != len(path.stop_position_m):
        cause = f"{len(path.stop_dwell_s)} dwell times for {len(path.stop_position_m)} stops."
        faults.append(Fault(cause, "Give one for each stop.", column="stop_dwell_s"))
    if not path.stop_position_m:
        faults.append(Fault("The path has no stop.", "Add the destination.", column="stop"))
    previous = float("-inf")
    for stop in path.stop_position_m:
        if not (path.n_pieces and path.position_m[0] <= stop <= path.position_m[-1]):
            cause = f"The stop at {stop:g} m lies off the path."
            faults.append(Fault(cause, "Move it onto the path.", column="stop_position_m"))
        if not stop > previous:
            cause = f"The stop at {stop:g} m does not lie beyond the one before it."
            faults.append(Fault(cause, "Order the stops by distance.", column="stop_position_m"))
        previous = stop
    return faults
