"""Pools of interchangeable coach sets: trips, stays, delays and berths.

Main class: :class:`PoolView`; :func:`assess_turn` gives the slack of a turn and its risk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arterial.clock import local_text
from arterial.timetable.coaches.set_stays import SetStay
from arterial.timetable.coaches.set_turns import PoolTrip, Turn, chance_turn_lost
from arterial.units import HOUR_S

__all__ = [
    "DelayAssumption",
    "PoolService",
    "PoolView",
    "TurnRisk",
    "assess_turn",
    "count_berths",
]


@dataclass(frozen=True, slots=True)
class DelayAssumption:
    """Lognormal arrival delay of a pool's coaches.

    Parameters
    ----------
    median_low_h, median_h, median_high_h : float or None
        Median delay in the kind, best and harsh case [h].
    sigma : float or None
        Standard deviation of the logarithm [1].
    """

    median_low_h: float | None
    median_h: float | None
    median_high_h: float | None
    sigma: float | None


@dataclass(frozen=True, slots=True)
class PoolService:
    """A service of a pool and the berths it offers.

    Parameters
    ----------
    service_id, name, from_point : str
        The service.
    berths_offered : int or None
        Berths of one departure.
    berths_in_coaches : int or None
        Berths that its coaches have.
    departures_per_year : int
        Departures in the twelve months from its first in the horizon.
    """

    service_id: str
    name: str
    from_point: str
    berths_offered: int | None
    berths_in_coaches: int | None
    departures_per_year: int


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool of coach sets with everything its rotation depends on.

    Parameters
    ----------
    pool_id, name, home_point : str
        The pool and its depot.
    trips : tuple of PoolTrip
        Trips that need a set, by departure.
    untimed_count : int
        Trips whose times are unknown.
    turn_s : mapping of str to float
        Shortest stay at each place [s].
    unstated_turns : tuple of str
        Places whose shortest stay is not stated and is therefore taken as nil.
    sets_owned, spare_sets : int or None
        Sets there are and spares planned.
    delay : DelayAssumption
        Arrival delay.
    services : tuple of PoolService
        Services of the pool.
    point_names : mapping of str to str
        Words for places.
    epoch : date
        Study epoch.
    stays : tuple of SetStay
        Sets that the works holds, by begin.
    """

    pool_id: str
    name: str
    home_point: str
    trips: tuple[PoolTrip, ...]
    untimed_count: int
    turn_s: Mapping[str, float]
    unstated_turns: tuple[str, ...]
    sets_owned: int | None
    spare_sets: int | None
    delay: DelayAssumption
    services: tuple[PoolService, ...]
    point_names: Mapping[str, str]
    epoch: date
    stays: tuple[SetStay, ...] = ()

    @property
    def is_timed(self) -> bool:
        """Whether the times of every trip are known."""
        return self.untimed_count == 0

    def name_point(self, point_id: str) -> str:
        """Name of a point; its id if it has none."""
        return self.point_names.get(point_id, point_id)

    def write_instant(self, at_s: float) -> str:
        """Instant in UTC as words."""
        return f"{local_text(round(at_s), self.epoch, 'UTC')} UTC"


@dataclass(frozen=True, slots=True)
class TurnRisk:
    """Slack of a turn and the chance that it is lost, in three cases.

    Parameters
    ----------
    slack_low_h, slack_h, slack_high_h : float
        Stay beyond the shortest stay [h].
    chance_low, chance, chance_high : float or None
        Chance that it is lost, kind, best and harsh; None if the delay is unknown [1].
    """

    slack_low_h: float
    slack_h: float
    slack_high_h: float
    chance_low: float | None
    chance: float | None
    chance_high: float | None


def assess_turn(view: PoolView, turn: Turn) -> TurnRisk | None:
    """Slack of a turn and the chance that an arrival delay eats it up.

    Parameters
    ----------
    view : PoolView
        The pool.
    turn : Turn
        Stay between two trips.

    Returns
    -------
    TurnRisk or None
        None if the set has no next trip.
    """
    if turn.next_trip is None:
        return None
    stay_s = view.turn_s.get(turn.trip.to_point, 0.0)
    arrival, departure = turn.trip.arrival, turn.next_trip.departure
    low_h = (departure.low_at_s - arrival.high_at_s - stay_s) / HOUR_S
    best_h = (departure.at_s - arrival.at_s - stay_s) / HOUR_S
    high_h = (departure.high_at_s - arrival.low_at_s - stay_s) / HOUR_S
    return TurnRisk(
        slack_low_h=low_h,
        slack_h=best_h,
        slack_high_h=high_h,
        chance_low=_chance(view.delay, high_h, view.delay.median_low_h),
        chance=_chance(view.delay, best_h, view.delay.median_h),
        chance_high=_chance(view.delay, low_h, view.delay.median_high_h),
    )


def count_berths(services: Sequence[PoolService], home_point: str) -> int | None:
    """Berths a year that leave the depot, over all services; None if one is unknown.

    Examples
    --------
    >>> moscow = PoolService("m", "Moscow coach", "pyongyang", 36, None, 24)
    >>> count_berths([moscow], "pyongyang")
    864
    """
    leaving = [service for service in services if service.from_point == home_point]
    total = 0
    for service in leaving:
        if service.berths_offered is None:
            return None
        total += service.berths_offered * service.departures_per_year
    return total if leaving else None


def _chance(delay: DelayAssumption, slack_h: float, median_h: float | None) -> float | None:
    if median_h is None or delay.sigma is None:
        return None
    return chance_turn_lost(slack_h, median_h, delay.sigma)
