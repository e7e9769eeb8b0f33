"""Turns of interchangeable coach sets and the chance that one is lost.

Main functions: :func:`rotate_trips` and :func:`chance_turn_lost`.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from arterial.timetable.trains.train_plans import TimeRange

__all__ = [
    "PoolTrip",
    "Rotation",
    "TimeCase",
    "Turn",
    "chance_turn_lost",
    "find_critical_instant",
    "rotate_trips",
]


class TimeCase(StrEnum):
    """Which ends of the times are taken: kindest, best estimate, harshest."""

    KIND = "kind"
    BEST = "best"
    HARSH = "harsh"


@dataclass(frozen=True, slots=True)
class PoolTrip:
    """A trip that a coach set must work.

    Parameters
    ----------
    trip_id, service_id : str
        The trip and its service.
    from_point, to_point : str
        Where it begins and ends.
    departure, arrival : TimeRange
        When.
    trip_date : date or None
        Local day of departure; None if it does not matter.
    """

    trip_id: str
    service_id: str
    from_point: str
    to_point: str
    departure: TimeRange
    arrival: TimeRange
    trip_date: date | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Stay of a set between two trips.

    Parameters
    ----------
    trip : PoolTrip
        Trip that brings the set.
    next_trip : PoolTrip or None
        Trip that it works next; None if there is none.
    """

    trip: PoolTrip
    next_trip: PoolTrip | None


@dataclass(frozen=True, slots=True)
class Rotation:
    """Trips shared out among the fewest sets.

    Parameters
    ----------
    sets : tuple of tuple of Turn
        Turns of each set in order; sets by their first departure.
    """

    sets: tuple[tuple[Turn, ...], ...]

    @property
    def sets_count(self) -> int:
        """Fewest sets."""
        return len(self.sets)


def rotate_trips(
    trips: Sequence[PoolTrip],
    turn_s: Mapping[str, float],
    *,
    case: TimeCase = TimeCase.BEST,
) -> Rotation:
    """Share trips out among the fewest sets, first in first out at each place.

    Every trip needs one set, and a set saved is a departure that a returned set takes over. A
    departure from a place can be taken by exactly those sets that were ready there before it, so
    of two departures the later one has all the choices of the earlier. Serving departures in order
    by the set that has been ready longest therefore joins as many pairs as can be joined (an
    exchange of two takers never loses a pair), and as a set never moves without a trip the places
    do not compete. Fewest sets = trips - joined pairs, which is the smallest path cover. For one
    depot it equals the largest number of sets away at once, shortest stays included.

    Parameters
    ----------
    trips : sequence of PoolTrip
        Trips of one pool.
    turn_s : mapping of str to float
        Shortest stay at each place [s].
    case : TimeCase
        Which ends of the times are taken.

    Returns
    -------
    Rotation
        Sets with their trips.

    Examples
    --------
    Two trips to and fro, an hour's stay between them, need one set.

    >>> at = [TimeRange(s, s, s) for s in (0, 50, 4000, 5000)]
    >>> out = PoolTrip("a", "s", "P", "M", at[0], at[1])
    >>> back = PoolTrip("b", "t", "M", "P", at[2], at[3])
    >>> rotate_trips([out, back], {"P": 3600, "M": 3600}).sets_count
    1
    """
    following: dict[str, PoolTrip] = {}
    for place in {trip.from_point for trip in trips}:
        leaving = sorted(
            (trip for trip in trips if trip.from_point == place),
            key=lambda trip: (_leaves_s(trip, case), trip.trip_id),
        )
        stay_s = turn_s.get(place, 0.0)
        coming = deque(
            sorted(
                (trip for trip in trips if trip.to_point == place),
                key=lambda trip: (_comes_s(trip, case), trip.trip_id),
            )
        )
        for departure in leaving:
            if coming and _comes_s(coming[0], case) + stay_s <= _leaves_s(departure, case):
                following[coming.popleft().trip_id] = departure
    return _chain(trips, following)


def find_critical_instant(
    rotation: Rotation, home_point: str, turn_s: Mapping[str, float]
) -> int | None:
    """Instant at which every set of a rotation is away from home or in its shortest stay there.

    A set that begins away counts as away from the start. Where all begin away, the first departure
    is given.

    Parameters
    ----------
    rotation : Rotation
        Sets with their trips.
    home_point : str
        Depot.
    turn_s : mapping of str to float
        Shortest stay at each place [s].

    Returns
    -------
    int or None
        Instant [s UTC since the study epoch]; None without trips.
    """
    trips = [turn.trip for turns in rotation.sets for turn in turns]
    if not trips:
        return None
    stay_s = turn_s.get(home_point, 0.0)
    away = sum(turns[0].trip.from_point != home_point for turns in rotation.sets)
    # A set that is ready at the very second of a departure can take it, so it counts first.
    changes = sorted(
        [(trip.arrival.at_s + stay_s, -1) for trip in trips if trip.to_point == home_point]
        + [(float(trip.departure.at_s), 1) for trip in trips if trip.from_point == home_point]
    )
    peak_at_s, peak = float(min(trip.departure.at_s for trip in trips)), away
    for at_s, change in changes:
        away += change
        if away > peak:
            peak_at_s, peak = at_s, away
    return round(peak_at_s)


def chance_turn_lost(slack_h: float, delay_median_h: float, delay_sigma: float) -> float:
    """Chance that a lognormal arrival delay is longer than the slack of a turn.

    1 - Phi(ln(slack / median) / sigma), with Phi the standard normal distribution.

    Parameters
    ----------
    slack_h : float
        Stay beyond the shortest stay [h].
    delay_median_h : float
        Median arrival delay [h].
    delay_sigma : float
        Standard deviation of the logarithm of the delay [1].

    Returns
    -------
    float
        Chance [1]; 1 without slack.

    Examples
    --------
    >>> round(chance_turn_lost(7.5, 3.0, 1.0), 2)
    0.18
    """
    if slack_h <= 0:
        return 1.0
    if delay_median_h <= 0:
        return 0.0
    if delay_sigma <= 0:
        return 1.0 if delay_median_h > slack_h else 0.0
    return 0.5 * math.erfc(math.log(slack_h / delay_median_h) / (delay_sigma * math.sqrt(2)))


def _chain(trips: Sequence[PoolTrip], following: Mapping[str, PoolTrip]) -> Rotation:
    taken_over = {trip.trip_id for trip in following.values()}
    firsts = [trip for trip in trips if trip.trip_id not in taken_over]
    sets = []
    for first in sorted(firsts, key=lambda trip: (trip.departure.at_s, trip.trip_id)):
        turns: list[Turn] = []
        trip: PoolTrip | None = first
        while trip is not None:
            next_trip = following.get(trip.trip_id)
            turns.append(Turn(trip, next_trip))
            trip = next_trip
        sets.append(tuple(turns))
    return Rotation(tuple(sets))


def _leaves_s(trip: PoolTrip, case: TimeCase) -> int:
    at = trip.departure
    return {
        TimeCase.KIND: at.high_at_s,
        TimeCase.BEST: at.at_s,
        TimeCase.HARSH: at.low_at_s,
    }[case]


def _comes_s(trip: PoolTrip, case: TimeCase) -> int:
    at = trip.arrival
    return {
        TimeCase.KIND: at.low_at_s,
        TimeCase.BEST: at.at_s,
        TimeCase.HARSH: at.high_at_s,
    }[case]
