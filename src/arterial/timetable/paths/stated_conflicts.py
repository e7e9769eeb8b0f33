"""Conflicts of the stated timetable: trains that need the same track, by pair and place.

Main function: :func:`find_stated_conflicts`. Every stated train is held against every other on
single track, behind one another, at stations and against possessions; how many trains run and for
how many days hardly matters. What cannot be run on the track there is, is told apart from what is
only closer than the least intervals taken. `arterial.timetable.paths.conflicts` judges single
paths by the same rules without sharing a line.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.rows import Rows
from arterial.study import conform_table, empty_table
from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.paths.crowds_kernel import (
    CROWD,
    DayClasses,
    StationTracks,
    find_crowds,
)
from arterial.timetable.paths.line_model import UNLIMITED_TRACKS, LineModel
from arterial.timetable.paths.occupation_kernel import (
    PAIR,
    Running,
    StepRules,
    Uses,
    find_pairs,
    list_point_uses,
    list_step_uses,
)
from arterial.timetable.paths.possessions import Closure
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.units import DAY_S

__all__ = ["CONFLICT_KINDS", "StatedTraffic", "find_stated_conflicts"]

CONFLICT_KINDS: Final = ("opposing", "catching_up", "headway", "station_full", "loop_too_short")
"""Kinds in the order of the numbers that kernels give them."""

POSSESSION: Final = len(CONFLICT_KINDS)
TOO_FAST: Final = POSSESSION + 1

CURES: Final[Mapping[str, str]] = {
    "too_fast": "State at least {} s more between the two stops, or correct lengths and limits.",
    "opposing": "Let the second train wait for the first where they can cross: {} s later.",
    "catching_up": "Let the second train leave {} s later, or let it overtake before.",
    "headway": "Let the second train leave {} s later, or state signalling that lets it follow.",
    "station_full": "Let the train come {} s later, or state the tracks that there are.",
    "loop_too_short": "Let them meet where a loop holds one of them: {} s later here.",
    "possession": "Let the train pass {} s later, or move the possession.",
}
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
    """

    model: LineModel
    timed: TimedTrains
    passings: Passings
    lengths_m: NDArray[np.float64]

    @property
    def running(self) -> Running:
        """When the patterns run."""
        return Running(self.timed.pattern_trains, self.timed.pattern_days, self.timed.days)


def find_stated_conflicts(
    traffic: StatedTraffic, too_fast: pl.DataFrame, closures: Iterable[Closure] = ()
) -> pl.DataFrame:
    """Every conflict of stated trains.

    Parameters
    ----------
    traffic : StatedTraffic
        The trains.
    too_fast : DataFrame
        As :func:`arterial.timetable.paths.floors.find_too_fast` gives it.
    closures : iterable of Closure
        What possessions take.

    Returns
    -------
    DataFrame
        Table ``timetable_conflicts``: what is impossible first, then by days, place and trains.
    """
    if not len(traffic.timed.pattern_trains):
        return empty_table("timetable_conflicts")
    steps = _order_uses(*list_step_uses(traffic.passings, len(traffic.model.steps)))
    found = pl.concat(
        [
            _find_step_conflicts(traffic, steps),
            _find_point_conflicts(traffic),
            _find_closed(traffic, steps, closures).with_columns(kind=pl.lit(POSSESSION)),
            too_fast.with_columns(kind=pl.lit(TOO_FAST)),
        ],
        how="diagonal_relaxed",
    )
    return _tabulate(traffic, found)


def _order_uses(first: Integers, rows: Rows) -> Uses:
    """Uses in order of their step or point and the time of day."""
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    return Uses(first, rows[np.lexsort((rows["from_s"], owner))])


def _find_step_conflicts(traffic: StatedTraffic, uses: Uses) -> pl.DataFrame:
    """Pairs of trains on steps, one row a pair of patterns and step."""
    model = traffic.model
    rules = StepRules(
        np.array([step.tracks_count for step in model.steps], dtype=np.int64),
        np.array([step.can_follow for step in model.steps], dtype=np.bool_),
    )
    pairs = np.zeros(FIRST_ROOM, PAIR)
    intervals = model.rules.encode()
    count = find_pairs(uses, rules, intervals, traffic.running, pairs)
    if count > len(pairs):
        pairs = np.zeros(count, PAIR)
        find_pairs(uses, rules, intervals, traffic.running, pairs)
    pairs = pairs[:count]
    patterns, directions = uses.rows["pattern"], uses.rows["direction"]
    trains = traffic.timed.pattern_trains
    return pl.DataFrame(
        {
            "kind": pairs["kind"],
            "is_impossible": pairs["is_impossible"] > 0,
            "is_fixed": pairs["is_fixed"] > 0,
            "train": trains[patterns[pairs["later"]]],
            "other": trains[patterns[pairs["earlier"]]],
            "step": pairs["place"],
            "is_backward": directions[pairs["later"]] > 0,
            "first_day": pairs["first_day"],
            "days_count": pairs["days_count"],
            "from_s": pairs["from_s"],
            "to_s": pairs["to_s"],
            "missing_s": pairs["missing_s"],
        }
    )


def _find_point_conflicts(traffic: StatedTraffic) -> pl.DataFrame:
    """Trains that find no track at a point, one row a pattern, point and class of days."""
    model, timed = traffic.model, traffic.timed
    tracks = np.array(model.tracks_count, dtype=np.int64)
    is_judged = (tracks < UNLIMITED_TRACKS) | np.isfinite(np.array(model.loop_length_m))
    uses = _order_uses(*list_point_uses(traffic.passings, is_judged))
    owners = timed.pattern_trains[uses.rows["pattern"]]
    points = np.repeat(np.arange(len(tracks)), np.diff(uses.first))
    is_long = traffic.lengths_m[owners] > np.array(model.loop_length_m)[points]
    held = StationTracks(tracks, is_long, model.rules.encode().release_s)
    shape = (uses, held, traffic.running, _group_days(timed, traffic.passings))
    crowds, others = np.zeros(FIRST_ROOM, CROWD), np.zeros(4 * FIRST_ROOM, np.int64)
    count, others_count = find_crowds(*shape, crowds, others)
    if count > len(crowds) or others_count > len(others):
        crowds, others = np.zeros(count, CROWD), np.zeros(others_count, np.int64)
        find_crowds(*shape, crowds, others)
    crowds, others = crowds[:count], others[:others_count]
    row = uses.rows[crowds["use"]]
    bounds = np.append(crowds["others_first"], others_count)
    in_way = owners[others]
    return pl.DataFrame(
        {
            "kind": crowds["kind"],
            "is_impossible": crowds["is_impossible"] > 0,
            "is_fixed": crowds["is_fixed"] > 0,
            "train": owners[crowds["use"]],
            "other": in_way[crowds["others_first"]] if count else crowds["kind"],
            "others": [in_way[begin:end].tolist() for begin, end in pairwise(bounds)],
            "point": crowds["point"],
            "first_day": crowds["day"] - row["day"],
            "days_count": crowds["days_count"],
            "from_s": row["day"] * DAY_S + row["from_s"],
            "to_s": row["day"] * DAY_S + row["from_s"] + crowds["missing_s"],
            "missing_s": crowds["missing_s"],
        },
        schema_overrides={"others": pl.List(pl.Int64)},
    )


def _group_days(timed: TimedTrains, passings: Passings) -> DayClasses:
    """Days on which the same trains are about."""
    known = passings.departure_s[passings.departure_s > -DAY_S * DAY_S]
    before = int(known.max(initial=0)) // DAY_S + 2
    after = -(int(known.min(initial=0)) // DAY_S) + 1
    days = np.pad(timed.days, ((0, 0), (before, after)))
    groups: dict[bytes, list[int]] = {}
    for day in range(timed.days.shape[1]):
        around = days[:, day : day + before + after + 1]
        groups.setdefault(np.packbits(around).tobytes(), []).append(day)
    firsts = np.array([group[0] for group in groups.values()], dtype=np.int64)
    counts = np.array([len(group) for group in groups.values()], dtype=np.int64)
    return DayClasses(firsts, counts)


def _find_closed(traffic: StatedTraffic, uses: Uses, closures: Iterable[Closure]) -> pl.DataFrame:
    """Trains on a step while a possession holds it."""
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
                for use in _keep_running(timed, held, day - first)
                if (row := _note_closed(timed, closure, use, (day - first, from_s, to_s)))
            ]
    return pl.DataFrame(rows, schema=CLOSED_SCHEMA, orient="row")


CLOSED_SCHEMA: Final = {
    "is_impossible": pl.Boolean,
    "is_fixed": pl.Boolean,
    "train": pl.Int64,
    "step": pl.Int64,
    "is_backward": pl.Boolean,
    "first_day": pl.Int64,
    "days_count": pl.Int64,
    "from_s": pl.Int64,
    "to_s": pl.Int64,
    "missing_s": pl.Int64,
    "possession_id": pl.String,
}


def _keep_running(timed: TimedTrains, uses: Rows, day: int) -> Rows:
    """Uses of the trains that run so that they are there on a day of the period."""
    operating = day - uses["day"]
    inside = (operating >= 0) & (operating < timed.days.shape[1])
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
        bool(use["direction"]),
        day - int(use["day"]),
        1,
        max(int(use["from_s"]), from_s) + shift_s,
        min(int(use["to_s"]), to_s) + shift_s,
        to_s - int(use["from_s"]),
        closure.possession_id.partition("@")[0],
    )


def _tabulate(traffic: StatedTraffic, found: pl.DataFrame) -> pl.DataFrame:
    """Conflicts of patterns and days joined by trains and place, with their names."""
    timed, model = traffic.timed, traffic.model
    if found.is_empty():
        return empty_table("timetable_conflicts")
    keys = ["kind", "is_impossible", "is_fixed", "train", "other", "step", "is_backward", "point"]
    keys += ["from_number", "to_number"]
    missing: dict[str, pl.DataType] = {"others": pl.List(pl.Int64), "possession_id": pl.String()}
    found = found.with_columns(
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in missing.items()
        if name not in found.columns
    )
    rows = (
        found.sort("first_day", "from_s", maintain_order=True)
        .group_by([*keys, "possession_id"], maintain_order=True)
        .agg(
            pl.col("first_day", "from_s", "to_s", "others").first(),
            pl.col("days_count").sum(),
            pl.col("missing_s").max(),
        )
        .sort(
            ["is_impossible", "is_fixed", "days_count", "first_day", "from_s", "train", "other"],
            descending=[True, True, True, False, False, False, False],
            maintain_order=True,
        )
        .with_row_index("number", offset=1)
    )
    first_day = (timed.period.day_from - timed.period.epoch).days
    epoch_day = (pl.col("first_day") + first_day) * DAY_S
    named = rows.with_columns(
        kind=pl.col("kind").replace_strict(
            list(range(TOO_FAST + 1)), [*CONFLICT_KINDS, "possession", "too_fast"]
        ),
        basis=pl.when("is_fixed").then(pl.lit("stated")).otherwise(pl.lit("computed")),
        conflict_id=pl.format("T{}", pl.col("number").cast(pl.String).str.zfill(6)),
        from_at_s=epoch_day + pl.col("from_s"),
        to_at_s=epoch_day + pl.col("to_s"),
        first_day=pl.lit(timed.period.day_from) + pl.duration(days=pl.col("first_day")),
        **_name_places(model),
        **_name_trains(timed),
    )
    cure = pl.coalesce(
        pl.when(pl.col("kind") == kind).then(pl.format(text, "missing_s"))
        for kind, text in CURES.items()
    )
    columns = empty_table("timetable_conflicts").columns
    return conform_table("timetable_conflicts", named.with_columns(cure=cure).select(columns))


def _name_trains(timed: TimedTrains) -> dict[str, pl.Expr]:
    """Ids of the trains of each row."""
    names = pl.Series(timed.train_ids, dtype=pl.String)

    def name(column: str) -> pl.Expr:
        return pl.lit(names).gather(pl.col(column))

    others = pl.col("others").list.eval(pl.lit(names).gather(pl.element()))
    return {
        "train_id": name("train"),
        "other_train_id": name("other"),
        "other_train_ids": others.list.join(";").fill_null(name("other")),
    }


def _name_places(model: LineModel) -> dict[str, pl.Expr]:
    """Ids of the point or section of each row, the ends in the direction of the train."""
    columns = {
        "section_id": [step.section_id for step in model.steps],
        "from": [step.from_point for step in model.steps],
        "to": [step.to_point for step in model.steps],
    }
    names = {
        key: pl.lit(pl.Series(values, dtype=pl.String)).gather(pl.col("step"))
        for key, values in columns.items()
    }
    points = pl.lit(pl.Series(model.point_ids, dtype=pl.String))
    back = pl.col("is_backward")
    return {
        "point_id": points.gather(pl.col("point")),
        "section_id": names["section_id"],
        "from_point": pl.coalesce(
            points.gather(pl.col("from_number")),
            pl.when(back).then(names["to"]).otherwise(names["from"]),
        ),
        "to_point": pl.coalesce(
            points.gather(pl.col("to_number")),
            pl.when(back).then(names["from"]).otherwise(names["to"]),
        ),
    }
