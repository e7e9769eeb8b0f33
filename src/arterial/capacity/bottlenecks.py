"""Bottlenecks of a study: what every stretch between passing points can carry, and what runs.

Main function: :func:`rank_bottlenecks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.capacity.block_capacity import (
    BlockCapacity,
    CapacityNorms,
    Method,
    ValueRange,
    calculate_capacity,
)
from arterial.capacity.blocks import Block, find_blocks, list_passing_points
from arterial.capacity.step_times import BlockTimes, read_step_times, time_block
from arterial.capacity.usage import StepKey, TrainCount, count_trains
from arterial.network import Network
from arterial.study import conform_table, empty_table
from arterial.study.defaults import GRADES
from arterial.timetable.trains.train_plans import DurationRange

__all__ = ["rank_bottlenecks"]

SOURCE: Final = {
    Method.SINGLE_LINE: "period method: worked examples at tlookup.ru/wocs-1042-1, see norms",
    Method.FOLLOWING: "period of following trains: worked example, see norms",
    Method.AUTOMATIC: "train interval: worked example at tlookup.ru/wocs-1044-1, see norms",
}


@dataclass(frozen=True, slots=True)
class _Usage:
    """Pairs a day over a block: those that run, and those with passenger pairs weighted."""

    up: TrainCount
    down: TrainCount
    pairs: ValueRange
    weighted: ValueRange


def rank_bottlenecks(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    step_times: pl.DataFrame,
    flows: pl.DataFrame,
    *,
    day_from: date,
    day_to: date,
    norms: CapacityNorms | None = None,
    times_basis: str = "running times as given",
) -> pl.DataFrame:
    """Rank the stretches between passing points by the share of their capacity that is used.

    A single-track stretch follows the period method, N = (1440 - t_window) alpha / T; a
    double-track one the running time and the interval between following trains, or under automatic
    block the interval alone. Used are the trains of the busier direction: in a paired timetable an
    unpaired train takes the place of a pair. share = (freight + E passenger) / N.

    Parameters
    ----------
    network : Network
        The network of the study.
    tables : mapping of str to polars.DataFrame
        Study tables: ``operational_points``, ``sections``, ``trains``, ``train_stops``,
        ``route_points``, ``calendar_rules``, and ``estimates`` for the ranges of flows; missing
        ones are empty.
    step_times : polars.DataFrame
        ``from_point``, ``to_point``, ``running_s`` and, where known, ``section_id``,
        ``running_low_s``, ``running_high_s`` between neighbouring points or passing points, of the
        trains that fill the line, as a rule freight trains.
    flows : polars.DataFrame
        Table ``train_flows``.
    day_from, day_to : date
        Period over which the calendars of trains are counted.
    norms : CapacityNorms, optional
        Intervals, windows and reserves.
    times_basis : str
        Where the running times come from, for the column ``basis``.

    Returns
    -------
    polars.DataFrame
        Table ``section_capacity``, the most used first; stretches so long that the study must lack
        passing points come behind the others, and those of unknown running time last.

    Raises
    ------
    StudyError
        If a train or flow has no way.

    Notes
    -----
    Low pairs go with long running times, long intervals, long windows and low reliability all at
    once, high ones with the opposite: the range is wider than likely.
    """
    norms = norms or CapacityNorms()
    tables = {name: tables.get(name, empty_table(name)) for name in NEEDED} | dict(tables)
    blocks = find_blocks(network, list_passing_points(tables["operational_points"]))
    trains = count_trains(network, tables, flows, day_from=day_from, day_to=day_to)
    times = read_step_times(step_times)
    context = _Context(tables, norms, times_basis)
    rows = []
    for block in blocks:
        timed = time_block(block, times)
        signalling = context.signalling.get(block.section_ids[0])
        found = calculate_capacity(block, timed, norms, signalling=signalling)
        usage = _count_usage(block, trains, norms)
        row = context.describe(block, timed, found, usage)
        rows.append(row | {"is_sound": not context.lacks_points(block, found.method)})
    return _rank(rows)


NEEDED: Final = (
    "operational_points",
    "sections",
    "trains",
    "train_stops",
    "route_points",
    "calendar_rules",
)


class _Context:
    """What the rows of all blocks share: grades and signalling of the study, norms."""

    def __init__(
        self, tables: Mapping[str, pl.DataFrame], norms: CapacityNorms, times_basis: str
    ) -> None:
        points, sections = tables["operational_points"], tables["sections"]
        self._point_grades: dict[str, str | None] = dict(
            zip(points["point_id"], points["tracks_grade"], strict=True)
        )
        self._section_grades: dict[str, str | None] = dict(
            zip(sections["section_id"], sections["tracks_grade"], strict=True)
        )
        self.signalling: dict[str, str | None] = dict(
            zip(sections["section_id"], sections["signalling"], strict=True)
        )
        self._norms = norms
        self._times_basis = times_basis

    def describe(
        self, block: Block, times: BlockTimes, found: BlockCapacity, usage: _Usage
    ) -> dict[str, Any]:
        """Row of ``section_capacity`` without its rank."""
        share = _divide(usage.weighted, found.pairs_per_day)
        single = found.method is Method.SINGLE_LINE
        return {
            "block_id": block.block_id,
            "section_id": block.section_ids[0],
            "sections": ";".join(block.section_ids),
            "from_point": block.from_point,
            "to_point": block.to_point,
            "length_km": block.length_km,
            "tracks_count": block.tracks_count,
            **_spread("running_up", "s", _read_range(times.up)),
            **_spread("running_down", "s", _read_range(times.down)),
            "method": found.method.value,
            **_spread("period", "min", found.period_min),
            **_spread_after("pairs_per_day", found.pairs_per_day),
            "trains_up_per_day": usage.up.total.best,
            "trains_down_per_day": usage.down.total.best,
            **_spread_after("used_pairs_per_day", usage.pairs),
            **_spread_after("used_share", share),
            "allowed_share": self._norms.single_reserve if single else self._norms.double_reserve,
            "formula": found.formula,
            "basis": f"{self._times_basis}; passing points: two tracks or more (estimate)",
            "source": SOURCE[found.method],
            "grade": self._grade(block, found.method, usage),
            "note": self._note(block, times, found.method) or None,
        }

    def lacks_points(self, block: Block, method: Method) -> bool:
        """Whether a stretch is so long that the study must lack passing points that matter."""
        is_long = block.length_km > self._norms.longest_block_km
        return is_long and method is not Method.AUTOMATIC

    def _note(self, block: Block, times: BlockTimes, method: Method) -> str:
        """What is unknown or unusual of a stretch."""
        notes = []
        if self.lacks_points(block, method):
            notes.append(
                f"{block.length_km:.0f} km without a passing point: the study seems to lack some, "
                "and the true capacity is higher."
            )
        if block.tracks_count is None:
            notes.append("Number of running tracks unknown: counted as one.")
        if times.up is None:
            notes.append("Running time unknown.")
        if times.is_mirrored:
            notes.append("Running time of one direction taken for the other.")
        if any(step.section.direction != "both" for step in block.steps):
            notes.append("Run in one direction only.")
        return " ".join(notes)

    def _grade(self, block: Block, method: Method, usage: _Usage) -> str:
        """Worst grade of the track counts and trains used, and of the norms, estimates all."""
        if block.tracks_count is None or self.lacks_points(block, method):
            return "assumption"
        grades = [self._section_grades[section_id] for section_id in block.section_ids]
        grades += [self._point_grades.get(p) for p in (block.from_point, block.to_point)]
        grades += [*usage.up.grades, *usage.down.grades]
        return max(["estimate", *(g for g in grades if g is not None)], key=GRADES.index)


def _count_usage(
    block: Block, trains: Mapping[StepKey, TrainCount], norms: CapacityNorms
) -> _Usage:
    """Trains over the busiest step of a block in each direction."""
    up, down = [], []
    for step in block.steps:
        section_id = step.section.section_id
        up.append(trains.get((section_id, step.from_point, step.to_point), TrainCount()))
        down.append(trains.get((section_id, step.to_point, step.from_point), TrainCount()))
    busiest_up = max(up, key=lambda count: count.total.best)
    busiest_down = max(down, key=lambda count: count.total.best)
    return _Usage(
        busiest_up,
        busiest_down,
        _highest(busiest_up.total, busiest_down.total),
        _highest(_weigh(busiest_up, norms), _weigh(busiest_down, norms)),
    )


def _weigh(count: TrainCount, norms: CapacityNorms) -> ValueRange:
    """Freight trains and passenger trains times their removal coefficient."""
    removal = norms.passenger_removal
    passenger = ValueRange(
        count.passenger.low * removal.low,
        count.passenger.best * removal.best,
        count.passenger.high * removal.high,
    )
    return passenger.add(count.freight)


def _highest(one: ValueRange, other: ValueRange) -> ValueRange:
    return ValueRange(max(one.low, other.low), max(one.best, other.best), max(one.high, other.high))


def _divide(used: ValueRange, pairs: ValueRange | None) -> ValueRange | None:
    if pairs is None or pairs.low <= 0:
        return None
    return ValueRange(used.low / pairs.high, used.best / pairs.best, used.high / pairs.low)


def _read_range(duration: DurationRange | None) -> ValueRange | None:
    if duration is None:
        return None
    return ValueRange(duration.low_s, duration.best_s, duration.high_s)


def _spread(name: str, unit: str, value: ValueRange | None) -> dict[str, float | None]:
    """Three columns whose unit comes last: ``period_low_min``, ``period_min``, ..."""
    names = (f"{name}_low_{unit}", f"{name}_{unit}", f"{name}_high_{unit}")
    return dict(zip(names, _list_ends(value), strict=True))


def _spread_after(name: str, value: ValueRange | None) -> dict[str, float | None]:
    """Three columns whose end comes last: ``used_share_low``, ``used_share``, ..."""
    return dict(zip((f"{name}_low", name, f"{name}_high"), _list_ends(value), strict=True))


def _list_ends(value: ValueRange | None) -> tuple[float | None, ...]:
    return (None, None, None) if value is None else (value.low, value.best, value.high)


def _rank(rows: list[dict[str, Any]]) -> pl.DataFrame:
    if not rows:
        return empty_table("section_capacity")
    keys = (pl.col("used_share").is_null(), ~pl.col("is_sound"), -pl.col("used_share"))
    frame = pl.DataFrame(rows, infer_schema_length=None).sort(
        *keys, "pairs_per_day", "block_id", nulls_last=True
    )
    return conform_table(
        "section_capacity", frame.drop("is_sound").with_row_index("rank", offset=1)
    )
