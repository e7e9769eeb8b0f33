"""Pools of interchangeable coach sets: trips, stays, delays and berths.

Main class: :class:`PoolView`; :func:`assess_turn` gives the slack of a turn and its risk,
:func:`tabulate_shortages` the days on which the works leaves too few sets, before chance is drawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from arterial.clock import civil_to_epoch_s, local_text
from arterial.study import conform_table
from arterial.timetable.coaches.set_stays import SetStay
from arterial.timetable.coaches.set_turns import PoolTrip, Rotation, Turn, chance_turn_lost
from arterial.timetable.coaches.trips import Finding, write_count, write_day
from arterial.units import HOUR_S

__all__ = [
    "DelayAssumption",
    "PoolService",
    "PoolView",
    "TurnChance",
    "TurnRisk",
    "assess_turn",
    "find_turn_h",
    "tabulate_shortages",
]

NAMED: Final = 3
"""Departures without a set that are named in words [1]."""


def find_turn_h(
    tables: Mapping[str, pl.DataFrame], pool: Mapping[str, Any], point_id: str
) -> float | None:
    """Shortest stay of the sets of a pool at a place; None where none is stated [h].

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``pool_turns``, which may be missing.
    pool : mapping
        Row of ``coach_pools``: its stays at home and elsewhere hold where the place has none.
    point_id : str
        The place.
    """
    stated = tables.get("pool_turns")
    if stated is not None:
        is_there = (pl.col("pool_id") == pool["pool_id"]) & (pl.col("point_id") == point_id)
        for turn_h in stated.filter(is_there)["minimum_turn_h"]:
            return float(turn_h)
    is_home = point_id == pool["home_point"]
    turn_h = pool["minimum_turn_home_h" if is_home else "minimum_turn_away_h"]
    return None if turn_h is None else float(turn_h)


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


class TurnChance(NamedTuple):
    """Chance that a turn is lost, kind, best and harsh; None if it is not known [1]."""

    low: float | None
    best: float | None
    high: float | None


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
    lost : mapping of str to TurnChance, optional
        Chance that each departure wants a set, as simulated; without it the assumed delay tells.
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
    lost: Mapping[str, TurnChance] | None = None

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
    """Slack of a turn and the chance that it is lost: as simulated, else that a delay eats it up.

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
    if view.lost is None:
        chance = TurnChance(
            _chance(view.delay, high_h, view.delay.median_low_h),
            _chance(view.delay, best_h, view.delay.median_h),
            _chance(view.delay, low_h, view.delay.median_high_h),
        )
    else:
        chance = view.lost.get(turn.next_trip.trip_id, TurnChance(None, None, None))
    return TurnRisk(low_h, best_h, high_h, *chance)


def tabulate_shortages(
    view: PoolView,
    rotation: Rotation,
    away: pl.DataFrame,
    late: Iterable[Finding],
    zone: str,
) -> pl.DataFrame:
    """Rows of one pool in ``set_availability``: needs, departures without a set, words.

    Parameters
    ----------
    view : PoolView
        The pool.
    rotation : Rotation
        Its turns.
    away : polars.DataFrame
        Table ``set_availability`` of :func:`arterial.timetable.coaches.set_stays.count_sets_away`.
    late : iterable of Finding
        Departures without a set, as the rotation found them.
    zone : str
        IANA zone of the depot.

    Returns
    -------
    polars.DataFrame
        Rows of the pool.
    """
    own = away.filter(pl.col("pool_id") == view.pool_id)
    if own.is_empty():
        return own
    without = sorted(
        (finding.trip_date, finding.finding_id.rpartition(":")[0])
        for finding in late
        if finding.trip_date is not None
    )
    rows = []
    for row in own.iter_rows(named=True):
        span = (row["from_day"], row["to_day"] + timedelta(days=1))
        begin_s, end_s = (
            civil_to_epoch_s(day, "00:00", zone, view.epoch, allow_gap=True) for day in span
        )
        dates = [trip.trip_date for trip in view.trips if trip.trip_date is not None]
        rows.append(
            _describe(
                view,
                row
                | {
                    "sets_needed": _count_sets_out(view, rotation, begin_s, end_s),
                    "departures_count": sum(_is_in(row, day) for day in dates),
                },
                [trip_id for day, trip_id in without if _is_in(row, day)],
            )
        )
    return conform_table("set_availability", pl.DataFrame(rows, schema=own.schema))


def _count_sets_out(view: PoolView, rotation: Rotation, begin_s: int, end_s: int) -> int:
    """Most sets that are away from home, or in their shortest stay there, in a span of time.

    Parameters
    ----------
    view : PoolView
        The pool.
    rotation : Rotation
        Its turns.
    begin_s, end_s : int
        The span, its end left out [s UTC since the study epoch].

    Returns
    -------
    int
        Sets.
    """
    stay_s = view.turn_s.get(view.home_point, 0.0)
    out = sum(turns[0].trip.from_point != view.home_point for turns in rotation.sets)
    # A set that is ready at the very second of a departure can take it, so it counts first.
    changes = sorted(
        [(t.arrival.at_s + stay_s, -1) for t in view.trips if t.to_point == view.home_point]
        + [(float(t.departure.at_s), 1) for t in view.trips if t.from_point == view.home_point]
    )
    most = out + sum(change for at_s, change in changes if at_s <= begin_s)
    for at_s, change in changes:
        out += change
        if begin_s < at_s < end_s:
            most = max(most, out)
    return most


def _chance(delay: DelayAssumption, slack_h: float, median_h: float | None) -> float | None:
    if median_h is None or delay.sigma is None:
        return None
    return chance_turn_lost(slack_h, median_h, delay.sigma)


def _is_in(row: Mapping[str, Any], day: date) -> bool:
    return bool(row["from_day"] <= day <= row["to_day"])


def _describe(view: PoolView, row: Mapping[str, Any], without: list[str]) -> dict[str, Any]:
    """A row with its words; whether departures lack a set is unknown where the sets are."""
    jobs = row["job_ids"].replace(";", ", ")
    held = f"The works has {write_count(row['sets_away'], 'set')} of {view.name} ({jobs})"
    days = f"{write_day(row['from_day'])} to {write_day(row['to_day'])}"
    words = [f"{days}: {held[0].lower()}{held[1:]}"]
    if row["sets_owned"] is None:
        words[0] += f"; the trips need {row['sets_needed']} at once."
        words.append(
            f"How many there are is not stated: {row['sets_needed'] + row['sets_away']} would do."
        )
        return {**row, "departures_without_set": None, "explanation": " ".join(words)}
    words[0] += (
        f", leaving {row['sets_available']} of {row['sets_owned']} for trips that need "
        f"{row['sets_needed']} at once."
    )
    if without:
        more = len(without) - NAMED
        named = ", ".join(without[:NAMED]) + (f" and {more} more" if more > 0 else "")
        count = write_count(row["departures_count"], "departure")
        words.append(f"{len(without)} of {count} {_have(len(without))} no set: {named}.")
    elif row["sets_available"] < row["sets_needed"]:
        words.append(
            "Still every departure of these days has one: a set under way goes in once it is home."
            if row["departures_count"]
            else "Nothing departs in these days."
        )
    return {**row, "departures_without_set": len(without), "explanation": " ".join(words)}


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
