"""Stated trains whose ways cross in the throat of a point at one time.

Main functions: :func:`find_throat_conflicts` of stated trains and :func:`find_crossed_paths` of
planned ones. A train is in the throat by which it comes at its
arrival, and in the one by which it leaves at its departure. Where an exclusion names tracks, only
trains stated on one of them are held against others: any other train may be on another track.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.study import split_list
from arterial.timetable.paths.conflict_days import count_days_once
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.requests import TrainPath
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S, MINUTE_S

__all__ = ["find_crossed_paths", "find_throat_conflicts"]

Integers = NDArray[np.int64]

CONFLICT_SCHEMA: Final = {
    **dict.fromkeys(("is_impossible", "is_fixed"), pl.Boolean),
    **dict.fromkeys(
        ("train", "other", "point", "first_day", "days_count", "from_s", "to_s", "missing_s"),
        pl.Int64,
    ),
}
CROSSED_SCHEMA: Final = {
    **dict.fromkeys(("train_id", "other_train_id", "point_id"), pl.String),
    "missing_s": pl.Int64,
}
PAIR_KEYS: Final = ("is_impossible", "is_fixed", "train", "other", "point")


@dataclass(frozen=True, slots=True)
class _Movements:
    """Trains in the throats of points, ``(n,)`` each.

    Pattern, point, step and number of the stop (-1 = none) of each, when it is there after 00:00
    UTC of its operating day [s], and whether that is stated.
    """

    pattern: Integers
    point: Integers
    step: Integers
    stop: Integers
    at_s: Integers
    is_stated: NDArray[np.bool_]

    def keep(self, chosen: NDArray[np.bool_] | Integers) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, one.name)[chosen] for one in fields(self)))


def find_throat_conflicts(traffic: StatedTraffic, exclusions: pl.DataFrame) -> pl.DataFrame:
    """Pairs of trains that use excluding ways closer than allowed, one row a pair of patterns.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    exclusions : DataFrame
        Table ``throat_exclusions``.

    Returns
    -------
    DataFrame
        As :func:`arterial.timetable.paths.stated_conflicts.find_stated_conflicts` takes it. Two
        trains stated in the throat at one instant cannot be run so; others are only close. A pair
        is of the horizon where one of the two runs on a day of it.
    """
    if exclusions.is_empty():
        return pl.DataFrame(schema=CONFLICT_SCHEMA)
    numbers = traffic.model.point_numbers
    points = {numbers[name] for name in exclusions["point_id"] if name in numbers}
    movements = _list_movements(traffic, points)
    rows: list[tuple[Any, ...]] = []
    days: list[Integers] = []
    for row in exclusions.sort("exclusion_id").iter_rows(named=True):
        clear_s = max(_read_clear_s(traffic.model, row), 1)
        own, other = (
            _choose(traffic, movements, row["point_id"], row[f"{side}section_id"], tracks)
            for side in ("", "other_")
            for tracks in [split_list(row[f"{side}track_ids"])]
        )
        for one, two in _pair_up(own, other, clear_s):
            found = _judge_pair(
                traffic, own.keep(np.array([one])), other.keep(np.array([two])), clear_s
            )
            if found is not None:
                rows.append(found[0])
                days.append(found[1])
    table = pl.DataFrame(rows, schema=CONFLICT_SCHEMA, orient="row")
    return count_days_once(table, PAIR_KEYS, days.__getitem__).filter(pl.col("days_count") > 0)


def _list_movements(traffic: StatedTraffic, points: Collection[int]) -> _Movements:
    """Every arrival and departure at some points."""
    passings, courses = traffic.passings, traffic.passings.courses
    counts = np.diff(passings.first)
    pattern = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(passings.first[-1]) - np.repeat(passings.first[:-1], counts)
    course = passings.own[pattern]
    place = courses.first[course] + within
    here = np.isin(courses.point[place], sorted(points))
    pattern, within, course, place = pattern[here], within[here], course[here], place[here]
    flat = np.flatnonzero(here)
    has_next = place + 1 < courses.first[course + 1]
    after = np.where(has_next, courses.step[np.minimum(place + 1, len(courses.step) - 1)], -1)
    stop = np.array(
        [_find_stop(traffic, *key) for key in zip(pattern.tolist(), within.tolist(), strict=True)],
        np.int64,
    )
    both = (
        (courses.step[place], passings.arrival_s[flat]),
        (after, passings.departure_s[flat]),
    )
    found = _Movements(
        pattern=np.tile(pattern, 2),
        point=np.tile(courses.point[place], 2),
        step=np.concatenate([step for step, _ in both]),
        stop=np.tile(stop, 2),
        at_s=np.concatenate([at_s for _, at_s in both]),
        is_stated=np.tile(passings.is_stated_stop[flat], 2),
    )
    return found.keep((found.step >= 0) & (found.at_s != UNKNOWN))


def _find_stop(traffic: StatedTraffic, pattern: int, within: int) -> int:
    """Number of the stop that a pattern makes at a place of its course; -1 = it makes none."""
    courses, course = traffic.passings.courses, traffic.passings.own[pattern]
    begin, end = courses.stop_first[course], courses.stop_first[course + 1]
    stop = int(np.searchsorted(courses.stop_place[begin:end], within))
    if begin + stop >= end or courses.stop_place[begin + stop] != within:
        return -1
    return int(traffic.timed.stop_first[traffic.timed.pattern_trains[pattern]]) + stop


def _choose(
    traffic: StatedTraffic,
    movements: _Movements,
    point_id: str,
    section_id: str,
    track_ids: Collection[str],
) -> _Movements:
    """Movements of one way of an exclusion, by the time of day."""
    point = traffic.model.point_numbers.get(point_id, -1)
    steps = [
        number for number, step in enumerate(traffic.model.steps) if step.section_id == section_id
    ]
    chosen = (movements.point == point) & np.isin(movements.step, steps)
    if track_ids:
        named = [stop for stop, track in traffic.stop_tracks.items() if track in track_ids]
        chosen &= np.isin(movements.stop, named)
    kept = movements.keep(chosen)
    return kept.keep(np.argsort(kept.at_s % DAY_S, kind="stable"))


def _pair_up(own: _Movements, other: _Movements, clear_s: int) -> list[tuple[int, int]]:
    """Movements of two ways that are close by the time of day, whatever the days."""
    at_s = other.at_s % DAY_S
    round_s = np.concatenate([at_s - DAY_S, at_s, at_s + DAY_S])
    here_s = own.at_s % DAY_S
    begins = np.searchsorted(round_s, here_s - clear_s, side="right")
    ends = np.searchsorted(round_s, here_s + clear_s, side="left")
    return [
        (number, place % len(at_s))
        for number, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True))
        for place in range(begin, end)
    ]


def _judge_pair(
    traffic: StatedTraffic, one: _Movements, two: _Movements, clear_s: int
) -> tuple[tuple[Any, ...], Integers] | None:
    """Row of two movements with the operating days of the later train; None = they never meet."""
    timed = traffic.timed
    gap_s = (int(one.at_s[0] - two.at_s[0]) + DAY_S // 2) % DAY_S - DAY_S // 2
    if gap_s < 0:
        one, two, gap_s = two, one, -gap_s
    train, other = (int(timed.pattern_trains[side.pattern[0]]) for side in (one, two))
    if train == other:
        return None
    # By so many days the other one's operating day lies behind the later train's.
    shift = (int(one.at_s[0] - two.at_s[0]) - gap_s) // DAY_S
    own_days, other_days = (timed.days[timed.pattern_days[side.pattern[0]]] for side in (one, two))
    days = np.flatnonzero(own_days)
    there = days + shift
    is_there = (there >= 0) & (there < len(other_days))
    days, there = days[is_there], there[is_there]
    is_inside = np.isin(days, traffic.inside) | np.isin(there, traffic.inside)
    met: Integers = days[is_inside & other_days[there]]
    if not len(met):
        return None
    is_fixed = bool(one.is_stated[0] and two.is_stated[0])
    at_s, missing_s = int(one.at_s[0]), clear_s - gap_s
    times = (at_s, at_s + missing_s, missing_s)
    place = (train, other, int(one.point[0]), int(met[0]), len(met))
    return (is_fixed and gap_s == 0, is_fixed, *place, *times), met


def find_crossed_paths(
    model: LineModel, exclusions: pl.DataFrame, paths: Iterable[TrainPath]
) -> pl.DataFrame:
    """Planned trains that use excluding ways closer than allowed; plans do not look at throats.

    Parameters
    ----------
    model : LineModel
        The line.
    exclusions : DataFrame
        Table ``throat_exclusions``; rows that name tracks are left out, for a plan names none.
    paths : iterable of TrainPath
        The plan.

    Returns
    -------
    DataFrame
        ``train_id`` (the later), ``other_train_id``, ``point_id`` and ``missing_s``, by point and
        trains; a pair once at each point, with most that is missing.
    """
    movements: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    points = set(exclusions["point_id"])
    for path in paths:
        sections = [model.steps[row].section_id for row in path.request.step_rows["row"].tolist()]
        for place, point in enumerate(path.request.points):
            if point not in points:
                continue
            if place > 0:
                come = (int(path.arrival_s[place]), path.train_id)
                movements[point, sections[place - 1]].append(come)
            if place < len(sections):
                movements[point, sections[place]].append(
                    (int(path.departure_s[place]), path.train_id)
                )
    missing: dict[tuple[str, str, str], int] = {}
    for row in exclusions.iter_rows(named=True):
        if row["track_ids"] is not None or row["other_track_ids"] is not None:
            continue
        clear_s = max(_read_clear_s(model, row), 1)
        own, other = (
            sorted(movements[row["point_id"], row[side]])
            for side in ("section_id", "other_section_id")
        )
        for pair, gap_s in _list_near(own, other, clear_s):
            key = (row["point_id"], *pair)
            missing[key] = max(missing.get(key, 0), clear_s - gap_s)
    rows = [(train, other, point, short_s) for (point, train, other), short_s in missing.items()]
    return pl.DataFrame(rows, schema=CROSSED_SCHEMA, orient="row").sort(
        "point_id", "train_id", "other_train_id"
    )


def _list_near(
    own: list[tuple[int, str]], other: list[tuple[int, str]], clear_s: int
) -> Iterator[tuple[tuple[str, str], int]]:
    """Pairs of different trains, the later one first, less than an interval apart, with the gap."""
    instants = [at_s for at_s, _ in other]
    for at_s, train in own:
        begin, end = bisect_right(instants, at_s - clear_s), bisect_left(instants, at_s + clear_s)
        for other_s, name in other[begin:end]:
            if name != train:
                pair = (train, name) if at_s >= other_s else (name, train)
                yield pair, abs(at_s - other_s)


def _read_clear_s(model: LineModel, row: Mapping[str, Any]) -> int:
    """Least time between two trains whose ways cross; not stated = as a track is released [s]."""
    stated_min: float | None = row["clear_min"]
    if stated_min is None:
        return model.rules.track_release_s
    return round(stated_min * MINUTE_S)
