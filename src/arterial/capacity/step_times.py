"""Running times over the blocks of a network, from any times between points.

Main functions: :func:`time_block`, and :func:`typical_step_times` for studies whose trains have not
been run: the typical speed of a section then stands for the physics.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.capacity.blocks import Block
from arterial.network import Network
from arterial.timetable.trains.train_plans import DurationRange
from arterial.units import KM_TO_M, kmh_to_ms

__all__ = ["BlockTimes", "StepTimes", "read_step_times", "time_block", "typical_step_times"]

StepTimes = dict[tuple[str | None, str, str], DurationRange]
"""Running times by section (None = any), from point and to point."""

STEP_TIME_SCHEMA: Final = {
    "section_id": pl.String(),
    "from_point": pl.String(),
    "to_point": pl.String(),
    "running_low_s": pl.Float64(),
    "running_s": pl.Float64(),
    "running_high_s": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class BlockTimes:
    """Running times over a block.

    Parameters
    ----------
    up, down : DurationRange or None
        In each direction; None = unknown.
    is_mirrored : bool
        Whether one direction was unknown and taken from the other.
    """

    up: DurationRange | None
    down: DurationRange | None
    is_mirrored: bool


def typical_step_times(
    network: Network, tables: Mapping[str, pl.DataFrame], *, category: str = "freight"
) -> pl.DataFrame:
    """Running times between neighbouring points at the typical speed of their section.

    t = length / typical speed, with the range that ``estimates`` gives the speed; unknown where
    the section states none.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to polars.DataFrame
        ``sections`` and, where present, ``estimates``.
    category : str
        ``"freight"`` or ``"passenger"``.

    Returns
    -------
    polars.DataFrame
        ``section_id``, ``from_point``, ``to_point``, ``running_low_s``, ``running_s``,
        ``running_high_s``, both directions of every step.
    """
    attribute = f"typical_{category}_speed_kmh"
    sections = tables["sections"]
    best = dict(zip(sections["section_id"], sections[attribute], strict=True))
    low, high = dict(best), dict(best)
    if "estimates" in tables:
        ranges = tables["estimates"].filter(
            (pl.col("table") == "sections") & (pl.col("attribute") == attribute)
        )
        low.update(zip(ranges["key"], ranges["low"], strict=True))
        high.update(zip(ranges["key"], ranges["high"], strict=True))
    rows = []
    for number, length_km in enumerate(network.step_length_km.tolist()):
        section_id = network.sections[int(network.step_section[number])].section_id
        ends = [
            network.point_ids[int(network.step_from[number])],
            network.point_ids[int(network.step_to[number])],
        ]
        times = {
            name: _time_at(length_km, speeds.get(section_id))
            for name, speeds in (
                ("running_low_s", high),
                ("running_s", best),
                ("running_high_s", low),
            )
        }
        for begin, end in (ends, ends[::-1]):
            row = {"section_id": section_id, "from_point": begin, "to_point": end}
            rows.append(row | times)
    return pl.DataFrame(rows, schema=STEP_TIME_SCHEMA)


def _time_at(length_km: float, speed_kmh: float | None) -> float | None:
    return None if speed_kmh is None else length_km * KM_TO_M / kmh_to_ms(speed_kmh)


def read_step_times(frame: pl.DataFrame) -> StepTimes:
    """Running times of a frame by section and points; rows without a time are left out.

    Parameters
    ----------
    frame : polars.DataFrame
        ``from_point``, ``to_point``, ``running_s`` and, where known, ``section_id``,
        ``running_low_s``, ``running_high_s``; between neighbouring points or passing points.

    Returns
    -------
    StepTimes
        The slowest where a pair of points is named twice.
    """
    times: StepTimes = {}
    for row in frame.iter_rows(named=True):
        best = row["running_s"]
        if best is None:
            continue
        low, high = row.get("running_low_s"), row.get("running_high_s")
        found = DurationRange(best if low is None else low, best, best if high is None else high)
        key = (row.get("section_id"), row["from_point"], row["to_point"])
        if key not in times or times[key].best_s < found.best_s:
            times[key] = found
    return times


def time_block(block: Block, times: StepTimes) -> BlockTimes:
    """Running times over a block in both directions.

    A time between its two ends is taken as it is; else the times over its steps are added. Where
    one direction is unknown the other stands for it.

    Parameters
    ----------
    block : Block
        The block.
    times : StepTimes
        As `read_step_times` gives them.

    Returns
    -------
    BlockTimes
        The times.
    """
    up, down = _time_way(block, times, is_up=True), _time_way(block, times, is_up=False)
    is_mirrored = (up is None) != (down is None)
    return BlockTimes(down if up is None else up, up if down is None else down, is_mirrored)


def _time_way(block: Block, times: StepTimes, *, is_up: bool) -> DurationRange | None:
    begin, end = (block.from_point, block.to_point)[:: 1 if is_up else -1]
    whole = _look_up(times, block.section_ids[0], begin, end)
    if whole is not None:
        return whole
    total = DurationRange(0.0, 0.0, 0.0)
    for step in block.steps:
        points = (step.from_point, step.to_point)[:: 1 if is_up else -1]
        found = _look_up(times, step.section.section_id, points[0], points[1])
        if found is None:
            return None
        total = total.add(found)
    return total


def _look_up(times: StepTimes, section_id: str, begin: str, end: str) -> DurationRange | None:
    found = times.get((section_id, begin, end))
    return times.get((None, begin, end)) if found is None else found
