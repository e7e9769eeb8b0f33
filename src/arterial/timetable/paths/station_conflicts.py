"""Stated trains that find no track at a point, or none that holds them.

Main functions: :func:`find_point_conflicts` and :func:`find_closed_tracks`. Where the tracks of a
point are stated one by one, a train needs one that is long enough, has its gauge and is reached
from its sections, or the one that it is stated on; trains that are there at once need different
ones. Elsewhere the number of tracks counts, and the length of the longest loop.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.rows import Row, Rows
from arterial.timetable.paths.conflict_days import (
    DayGroups,
    count_days_once,
    group_days,
    order_uses,
)
from arterial.timetable.paths.crowds_kernel import (
    CROWD,
    StationTracks,
    can_stand,
    find_crowds,
)
from arterial.timetable.paths.line_model import UNLIMITED_TRACKS, LineModel
from arterial.timetable.paths.occupation_kernel import Uses, list_point_uses
from arterial.timetable.paths.possessions import Closure
from arterial.timetable.paths.stated_track import MOST_TRACKS, StationTrack, find_fitting
from arterial.units import DAY_S

if TYPE_CHECKING:
    from arterial.timetable.paths.stated_conflicts import StatedTraffic

__all__ = [
    "PointUses",
    "find_closed_tracks",
    "find_point_conflicts",
    "find_unfit_tracks",
    "list_judged_uses",
]

FIRST_ROOM: Final = 1 << 12
BOTH_SIDES: Final = 2
"""Steps at a point on a line that neither ends nor divides there."""

Integers = NDArray[np.int64]


class PointUses(NamedTuple):
    """Who is at the points whose tracks are known.

    Attributes
    ----------
    uses : Uses
        Uses of the points.
    tracks : StationTracks
        What the points hold.
    unfit : mapping of int to str
        Uses on a stated track that cannot hold the train, with the reason.
    """

    uses: Uses
    tracks: StationTracks
    unfit: Mapping[int, str]


def list_judged_uses(traffic: "StatedTraffic") -> PointUses:
    """Uses of the points of which the number of tracks or the longest loop is known."""
    model = traffic.model
    tracks = np.array(model.tracks_count, dtype=np.int64)
    loops_m = np.array(model.loop_length_m)
    is_listed = np.zeros(len(tracks), np.bool_)
    is_listed[[n for n, own in model.station_tracks.items() if len(own) <= MOST_TRACKS]] = True
    is_judged = (tracks < UNLIMITED_TRACKS) | np.isfinite(loops_m)
    uses = order_uses(*list_point_uses(traffic.passings, is_judged), by_end=True)
    lengths_m = traffic.lengths_m[traffic.timed.pattern_trains[uses.rows["pattern"]]]
    points = np.repeat(np.arange(len(tracks)), np.diff(uses.first))
    is_long = lengths_m > loops_m[points]
    fits = np.full(len(points), -1, np.int64)
    unfit: dict[int, str] = {}
    for use in np.flatnonzero(is_listed[points]).tolist():
        own = model.station_tracks[int(points[use])]
        row, length_m = uses.rows[use], float(lengths_m[use])
        stated, ways = _find_stated_track(traffic, row, own), _list_ways(traffic, row)
        holds = find_fitting(own, ways, length_m)
        is_long[use] = stated < 0 and holds != find_fitting(own, ways, None)
        fits[use] = holds if stated < 0 else 1 << stated
        if stated >= 0 and (reason := own[stated].explain_unfit(ways, length_m)):
            unfit[use] = reason
    release_s = model.rules.encode().release_s
    each_way = np.zeros(len(tracks), np.int64)
    for point, sides in _list_sides(model).items():
        each_way[point] = (tracks[point] + 1) // 2
        for row in uses.rows[uses.first[point] : uses.first[point + 1]]:
            row["direction"] = _find_direction(traffic, row, sides)
    held = StationTracks(tracks, is_listed, is_long, fits, each_way, release_s)
    return PointUses(uses, held, unfit)


def _list_sides(model: LineModel) -> dict[int, list[int]]:
    """Steps at the points at which each direction has its own track; none where lines meet."""
    sides: dict[int, list[int]] = {}
    for number, step in enumerate(model.steps):
        for name in (step.from_point, step.to_point):
            if (point := model.point_numbers[name]) in model.one_each_way:
                sides.setdefault(point, []).append(number)
    return {point: steps for point, steps in sides.items() if len(steps) == BOTH_SIDES}


def _find_direction(traffic: "StatedTraffic", row: Row, sides: Sequence[int]) -> int:
    """From which of two sides a train comes to a point, or would where it begins there."""
    courses = traffic.passings.courses
    course = traffic.passings.own[row["pattern"]]
    at = int(courses.first[course]) + int(row["place"])
    if row["place"] > 0:
        return int(courses.step[at] == sides[1])
    return int(courses.step[at + 1] == sides[0])


def _find_stated_track(traffic: "StatedTraffic", row: Row, tracks: Sequence[StationTrack]) -> int:
    """Number of the track that a train is stated on; -1 where none is."""
    courses, pattern = traffic.passings.courses, int(row["pattern"])
    course = traffic.passings.own[pattern]
    begin, end = courses.stop_first[course], courses.stop_first[course + 1]
    stop = int(np.searchsorted(courses.stop_place[begin:end], row["place"]))
    if begin + stop >= end or courses.stop_place[begin + stop] != row["place"]:
        return -1
    train = traffic.timed.pattern_trains[pattern]
    name = traffic.stop_tracks.get(int(traffic.timed.stop_first[train]) + stop)
    return next((n for n, track in enumerate(tracks) if track.track_id == name), -1)


def _list_ways(traffic: "StatedTraffic", row: Row) -> list[tuple[str, tuple[int, ...]]]:
    """Sections by which a train comes to a point and leaves it, with their gauges."""
    courses, model = traffic.passings.courses, traffic.model
    course = traffic.passings.own[row["pattern"]]
    at = courses.first[course] + int(row["place"])
    steps = [int(courses.step[at])] if row["place"] > 0 else []
    if at + 1 < courses.first[course + 1]:
        steps.append(int(courses.step[at + 1]))
    found = (model.steps[number] for number in steps if number >= 0)
    return [(step.section_id, step.gauges_mm) for step in found]


def find_closed_tracks(
    traffic: "StatedTraffic", judged: PointUses, closures: Iterable[Closure]
) -> list[tuple[Closure, int, int]]:
    """Trains that find no track while a possession holds some at their point.

    Returns
    -------
    list of tuple
        Closure, number of the use, and the day since the epoch on which it begins.
    """
    uses, tracks = judged.uses, judged.tracks
    first_day = (traffic.timed.period.day_from - traffic.timed.period.epoch).days
    found = []
    for closure in closures:
        if closure.point is None:
            continue
        begin, end = uses.first[closure.point], uses.first[closure.point + 1]
        here = _date_uses(traffic, uses.rows[begin:end], closure, first_day)
        open_tracks = _list_open(traffic.model, closure)
        for number, enter_s, _ in here:
            at_s = max(enter_s, closure.from_s)
            there = [
                other
                for other, from_s, to_s in here
                if (from_s, other) < (enter_s, number) and from_s <= at_s < to_s
            ]
            fits = tracks.fits[begin + np.array([*there, number])] & open_tracks
            if not can_stand(fits, len(fits)):
                day = (enter_s - int(uses.rows["from_s"][begin + number])) // DAY_S
                found.append((closure, int(begin) + number, day))
    return found


def _list_open(model: LineModel, closure: Closure) -> int:
    """Tracks of a point that a possession leaves, a bit each."""
    point = closure.point or 0
    own, count = model.station_tracks.get(point, ()), min(model.tracks_count[point], MOST_TRACKS)
    if closure.track_ids:
        return sum(1 << n for n, track in enumerate(own) if track.track_id not in closure.track_ids)
    return (1 << max(count - closure.tracks_count, 0)) - 1


def _date_uses(
    traffic: "StatedTraffic", rows: Rows, closure: Closure, first_day: int
) -> list[tuple[int, int, int]]:
    """Uses of a point that a closure meets, by number, from when to when [s since the epoch]."""
    timed, found = traffic.timed, []
    last = closure.to_s // DAY_S
    longest = int((rows["to_s"].max(initial=0)) // DAY_S)
    for day in range(closure.from_s // DAY_S - longest, last + 1):
        enter_s = rows["from_s"] + day * DAY_S
        leave_s = np.maximum(rows["to_s"] + day * DAY_S, enter_s + 1)
        operating = day - first_day - rows["day"]
        inside = (enter_s < closure.to_s) & (leave_s > closure.from_s)
        inside &= (operating >= 0) & (operating < timed.days.shape[1])
        found += [
            (number, int(enter_s[number]), int(leave_s[number]))
            for number in np.flatnonzero(inside).tolist()
            if timed.days[timed.pattern_days[rows["pattern"][number]], operating[number]]
        ]
    return found


def find_unfit_tracks(traffic: "StatedTraffic", judged: PointUses) -> pl.DataFrame:
    """Trains on a stated track that cannot hold them, one row a pattern and point."""
    timed, uses = traffic.timed, judged.uses
    numbers = np.array([*judged.unfit], np.int64)
    rows = uses.rows[numbers]
    inside, margin = traffic.inside, traffic.margin_days
    days = timed.days[timed.pattern_days[rows["pattern"]], inside.start : inside.stop]
    sure = np.ones(len(numbers), np.bool_)
    return pl.DataFrame(
        {
            "is_impossible": sure,
            "is_fixed": sure,
            "train": timed.pattern_trains[rows["pattern"]],
            "point": np.searchsorted(uses.first, numbers, side="right") - 1,
            "first_day": days.argmax(axis=1) + margin if len(numbers) else numbers,
            "days_count": days.sum(axis=1),
            "from_s": rows["day"] * DAY_S + rows["from_s"],
            "to_s": rows["day"] * DAY_S + rows["to_s"],
            "missing_s": np.zeros(len(numbers), np.int64),
            "cure": pl.Series([*judged.unfit.values()], dtype=pl.String),
            "days": pl.Series(
                [(np.flatnonzero(row) + margin).tolist() for row in days], dtype=pl.List(pl.Int64)
            ),
        }
    ).filter(pl.col("days_count") > 0)


def find_point_conflicts(traffic: "StatedTraffic", judged: PointUses) -> pl.DataFrame:
    """Trains that find no track at a point, one row a pattern, point and class of days."""
    timed, uses, held = traffic.timed, judged.uses, judged.tracks
    owners = timed.pattern_trains[uses.rows["pattern"]]
    groups = group_days(timed, traffic.passings)
    shape = (uses, held, traffic.running, groups.classes)
    crowds, others = np.zeros(FIRST_ROOM, CROWD), np.zeros(4 * FIRST_ROOM, np.int64)
    count, others_count = find_crowds(*shape, crowds, others)
    if count > len(crowds) or others_count > len(others):
        crowds, others = np.zeros(count, CROWD), np.zeros(others_count, np.int64)
        find_crowds(*shape, crowds, others)
    crowds, others = crowds[:count], others[:others_count]
    row = uses.rows[crowds["use"]]
    bounds = np.append(crowds["others_first"], others_count)
    in_way = owners[others]
    inside = _list_days_inside(traffic, groups, uses.rows, crowds, np.split(others, bounds[1:-1]))
    table = pl.DataFrame(
        {
            "kind": crowds["kind"],
            "is_impossible": crowds["is_impossible"] > 0,
            "is_fixed": crowds["is_fixed"] > 0,
            "train": owners[crowds["use"]],
            "other": in_way[crowds["others_first"]] if count else crowds["kind"],
            "others": [in_way[begin:end].tolist() for begin, end in pairwise(bounds)],
            "point": crowds["point"],
            "first_day": [days[0] if len(days) else 0 for days in inside],
            "days_count": [len(days) for days in inside],
            "from_s": row["day"] * DAY_S + row["from_s"],
            "to_s": row["day"] * DAY_S + row["from_s"] + crowds["missing_s"],
            "missing_s": crowds["missing_s"],
        },
        schema_overrides={"others": pl.List(pl.Int64)},
    )
    keys = ["kind", "is_impossible", "is_fixed", "train", "point"]
    kept = [days for days in inside if len(days)]
    return count_days_once(table.filter(pl.col("days_count") > 0), keys, kept.__getitem__)


def _list_days_inside(
    traffic: "StatedTraffic",
    groups: DayGroups,
    uses: Rows,
    crowds: Rows,
    others: Sequence[Integers],
) -> list[Integers]:
    """Operating days of the train of each crowd on which it or one in its way is of the horizon."""
    number = {int(day): n for n, day in enumerate(groups.classes.day)}
    found = []
    for crowd, in_way in zip(crowds, others, strict=False):
        days, row = groups.days[number[int(crowd["day"])]], uses[crowd["use"]]
        there = uses[in_way]
        # Of those that stand there already, one that begins later in the day came the day before.
        before = there["day"] + (there["from_s"] > row["from_s"])
        is_inside = np.isin(days[:, None] - np.append(before, row["day"]), traffic.inside)
        found.append(days[is_inside.any(axis=1)] - row["day"])
    return found
