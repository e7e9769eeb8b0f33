"""Conflicts of the stated timetable: trains that need the same track, by pair and place.

Main function: :func:`find_stated_conflicts`. Every stated train is held against every other on
single track, behind one another, at stations and against possessions; how many trains run and for
how many days hardly matters. What cannot be run on the track there is, is told apart from what is
only closer than the least intervals taken. `arterial.timetable.paths.conflicts` judges single
paths by the same rules without sharing a line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.rows import Rows
from arterial.study import empty_table
from arterial.timetable.paths.conflict_days import count_days_once, order_uses
from arterial.timetable.paths.conflict_rows import (
    CONNECTION,
    POSSESSION,
    THROAT,
    TOO_FAST,
    UNFIT,
    tabulate_conflicts,
)
from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.occupation_kernel import (
    PAIR,
    Running,
    StepRules,
    Uses,
    find_pairs,
    list_step_uses,
)
from arterial.timetable.paths.possessions import Closure
from arterial.timetable.paths.station_conflicts import (
    PointUses,
    find_closed_tracks,
    find_point_conflicts,
    find_unfit_tracks,
    list_judged_uses,
)
from arterial.timetable.paths.windows_kernel import Meeting, Windows, mark_certain
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.units import DAY_S

__all__ = ["StatedTraffic", "find_stated_conflicts"]

FIRST_ROOM: Final = 1 << 12

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StatedTraffic:
    """All stated trains on their tracks.

    Parameters
    ----------
    model : LineModel
        Points and steps with their rules.
    timed : TimedTrains
        Times and days of the trains.
    passings : Passings
        Times at every place.
    lengths_m : ndarray of float64, shape (n_trains,)
        Length of each train; not a number = unknown [m].
    windows : Windows
        Bounds of the times at every place.
    stop_tracks : mapping of int to str
        Track that a train is stated on, by number of the stop.
    missing_faces : DataFrame
        As `arterial.timetable.trains.missing_faces.find_missing_faces` gives it.
    too_fast : DataFrame
        As `arterial.timetable.paths.floors.find_too_fast` gives it.
    margin_days : int
        Days at either end of the period of the trains that lie outside the horizon: looked at only
        for what meets the trains of the horizon.
    """

    model: LineModel
    timed: TimedTrains
    passings: Passings
    lengths_m: NDArray[np.float64]
    windows: Windows
    stop_tracks: Mapping[int, str] = field(default_factory=dict)
    missing_faces: pl.DataFrame = field(default_factory=pl.DataFrame)
    too_fast: pl.DataFrame = field(default_factory=pl.DataFrame)
    margin_days: int = 0

    @property
    def running(self) -> Running:
        """When the patterns run."""
        timed = self.timed
        return Running(timed.pattern_trains, timed.pattern_days, timed.days, self.margin_days)

    @property
    def inside(self) -> range:
        """Days of the period that lie in the horizon."""
        return range(self.margin_days, self.timed.period.days_count - self.margin_days)


def find_stated_conflicts(
    traffic: StatedTraffic,
    too_fast: pl.DataFrame,
    closures: Iterable[Closure] = (),
    missed: pl.DataFrame | None = None,
    crossed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every conflict of stated trains.

    Parameters
    ----------
    traffic : StatedTraffic
        The trains, with as many days around the horizon as they are under way.
    too_fast : DataFrame
        As :func:`arterial.timetable.paths.floors.find_too_fast` gives it, by days of the horizon.
    closures : iterable of Closure
        What possessions take.
    missed : DataFrame, optional
        As :func:`arterial.timetable.paths.stated_links.find_missed_links` gives it.
    crossed : DataFrame, optional
        As :func:`arterial.timetable.paths.throats.find_throat_conflicts` gives it.

    Returns
    -------
    DataFrame
        Table ``timetable_conflicts``: what is impossible first, then by days, place and trains. A
        conflict is of the horizon where one of its trains runs on a day of it.
    """
    if not len(traffic.timed.pattern_trains):
        return empty_table("timetable_conflicts")
    steps = order_uses(*list_step_uses(traffic.passings, len(traffic.model.steps)))
    judged = list_judged_uses(traffic)
    closures = tuple(closures)
    found = pl.concat(
        [
            _find_step_conflicts(traffic, steps),
            find_point_conflicts(traffic, judged),
            _find_closed(traffic, steps, judged, closures).with_columns(kind=pl.lit(POSSESSION)),
            too_fast.with_columns(
                pl.col("days").list.eval(pl.element() + traffic.margin_days),
                kind=pl.lit(TOO_FAST),
                first_day=pl.col("first_day") + traffic.margin_days,
            ),
            find_unfit_tracks(traffic, judged).with_columns(kind=pl.lit(UNFIT)),
            *([] if missed is None else [missed.with_columns(kind=pl.lit(CONNECTION))]),
            *([] if crossed is None else [crossed.with_columns(kind=pl.lit(THROAT))]),
        ],
        how="diagonal_relaxed",
    )
    return tabulate_conflicts(traffic.timed, traffic.model, found)


def _find_step_conflicts(traffic: StatedTraffic, uses: Uses) -> pl.DataFrame:
    """Pairs of trains on steps, one row a pair of patterns and step."""
    model = traffic.model
    between = model.intervals_s
    rules = StepRules(
        np.array([step.tracks_count for step in model.steps], dtype=np.int64),
        np.array([step.can_follow for step in model.steps], dtype=np.bool_),
        opposing_s=np.ascontiguousarray(between[:, :, 0]),
        following_s=np.ascontiguousarray(between[:, :, 1]),
        headway_s=np.ascontiguousarray(between[:, :, 2]),
        longest_s=model.longest_interval_s,
    )
    pairs = np.zeros(FIRST_ROOM, PAIR)
    count = find_pairs(uses, rules, traffic.running, pairs)
    if count > len(pairs):
        pairs = np.zeros(count, PAIR)
        find_pairs(uses, rules, traffic.running, pairs)
    pairs = pairs[:count]
    mark_certain(pairs, uses, traffic.passings, traffic.windows, _list_passing_places(traffic))
    patterns, timed = uses.rows["pattern"], traffic.timed
    table = pl.DataFrame(
        {
            "kind": pairs["kind"],
            "is_impossible": pairs["is_impossible"] > 0,
            "is_fixed": pairs["is_fixed"] > 0,
            "train": timed.pattern_trains[patterns[pairs["later"]]],
            "other": timed.pattern_trains[patterns[pairs["earlier"]]],
            "step": pairs["place"],
            "is_backward": uses.rows["direction"][pairs["later"]] > 0,
            "first_day": pairs["first_day"],
            "days_count": pairs["days_count"],
            "from_s": pairs["from_s"],
            "to_s": pairs["to_s"],
            "missing_s": pairs["missing_s"],
        }
    )

    def list_days(pair: int) -> Integers:
        # Operating days of the later train on which the other one runs too.
        own, other = (
            timed.days[timed.pattern_days[patterns[pairs[name][pair]]]]
            for name in ("later", "earlier")
        )
        days = np.flatnonzero(own)
        before = days - pairs["shift_days"][pair]
        is_there = (before >= 0) & (before < len(other))
        days, before = days[is_there], before[is_there]
        is_inside = np.isin(days, traffic.inside) | np.isin(before, traffic.inside)
        return np.array(days[is_inside & other[before]])

    keys = ["kind", "is_impossible", "is_fixed", "train", "other", "step", "is_backward"]
    return count_days_once(table, keys, list_days)


def _list_passing_places(traffic: StatedTraffic) -> Meeting:
    """Where the trains can pass each other."""
    model = traffic.model
    can_wait = np.array(model.tracks_count, dtype=np.int64) > 1
    can_overtake = can_wait.copy()
    can_overtake[sorted(model.one_each_way)] = False
    return Meeting(
        np.array([step.tracks_count for step in model.steps], dtype=np.int64),
        can_wait,
        can_overtake,
        np.array(model.loop_length_m, dtype=np.float64),
        traffic.lengths_m[traffic.timed.pattern_trains],
    )


def _find_closed(
    traffic: StatedTraffic, uses: Uses, judged: PointUses, closures: tuple[Closure, ...]
) -> pl.DataFrame:
    """Trains on a step, or without a track at a point, while a possession holds it."""
    timed, first = traffic.timed, (traffic.timed.period.day_from - traffic.timed.period.epoch).days
    rows = []
    for closure in closures:
        if closure.step is None:
            continue
        own = uses.rows[uses.first[closure.step] : uses.first[closure.step + 1]]
        longest = int((own["to_s"].max(initial=0)) // DAY_S)
        for day in range(closure.from_s // DAY_S - longest, closure.to_s // DAY_S + 1):
            from_s, to_s = closure.from_s - day * DAY_S, closure.to_s - day * DAY_S
            held = own[(own["from_s"] < to_s) & (own["to_s"] > from_s)]
            rows += [
                row
                for use in _keep_running(traffic, held, day - first)
                if (row := _note_closed(timed, closure, use, (day - first, from_s, to_s)))
            ]
    for closure, use, day in find_closed_tracks(traffic, judged, closures):
        from_s, to_s = closure.from_s - day * DAY_S, closure.to_s - day * DAY_S
        held = judged.uses.rows[use]
        row = _note_closed(timed, closure, held, (day - first, from_s, to_s))
        rows += [row] if row and day - first - int(held["day"]) in traffic.inside else []
    table = pl.DataFrame(rows, schema=CLOSED_SCHEMA, orient="row")
    firsts = table["first_day"].to_numpy()
    return count_days_once(
        table,
        ["is_impossible", "is_fixed", "train", "step", "point", "is_backward", "possession_id"],
        lambda row: firsts[[row]],
    )


CLOSED_SCHEMA: Final = {
    "is_impossible": pl.Boolean,
    "is_fixed": pl.Boolean,
    "train": pl.Int64,
    "step": pl.Int64,
    "point": pl.Int64,
    "is_backward": pl.Boolean,
    "first_day": pl.Int64,
    "days_count": pl.Int64,
    "from_s": pl.Int64,
    "to_s": pl.Int64,
    "missing_s": pl.Int64,
    "possession_id": pl.String,
}


def _keep_running(traffic: StatedTraffic, uses: Rows, day: int) -> Rows:
    """Uses of the trains of the horizon that run so that they are there on a day."""
    timed, operating = traffic.timed, day - uses["day"]
    inside = np.isin(operating, traffic.inside)
    uses, operating = uses[inside], operating[inside]
    kept: Rows = uses[timed.days[timed.pattern_days[uses["pattern"]], operating]]
    return kept


def _note_closed(
    timed: TimedTrains, closure: Closure, use: Rows, when: tuple[int, int, int]
) -> tuple[object, ...] | None:
    """Row of a train under a possession; none where the other direction is closed."""
    day, from_s, to_s = when
    if closure.direction is not None and closure.direction != int(use["direction"]):
        return None
    shift_s = int(use["day"]) * DAY_S
    return (
        bool(use["is_fixed"]),
        bool(use["is_fixed"]),
        int(timed.pattern_trains[use["pattern"]]),
        closure.step,
        closure.point,
        bool(use["direction"]),
        day - int(use["day"]),
        1,
        max(int(use["from_s"]), from_s) + shift_s,
        min(int(use["to_s"]), to_s) + shift_s,
        to_s - int(use["from_s"]),
        closure.possession_id.partition("@")[0],
    )
