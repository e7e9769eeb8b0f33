"""Capacity that the train paths of a study consume, block by block.

Main function: :func:`measure_path_consumption`.
"""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from arterial.capacity.blocks import find_blocks, list_passing_points
from arterial.capacity.compression import measure_consumption
from arterial.network import Network, build_network
from arterial.timetable.paths.stated_track import StatedIntervals, read_headways

__all__ = ["list_block_occupations", "measure_path_consumption"]

OCCUPATION_SCHEMA: Final = {
    "train_id": pl.String(),
    "sequence": pl.Int64(),
    "resource_id": pl.String(),
    "begin_s": pl.Int64(),
    "end_s": pl.Int64(),
    "direction": pl.String(),
    "following_s": pl.Int64(),
    "crossing_s": pl.Int64(),
    "headway_s": pl.Int64(),
    "line_section_id": pl.String(),
}
STEP_SCHEMA: Final = {
    **dict.fromkeys(("section_id", "from_point", "to_point"), pl.String()),
    **{
        name: kind
        for name, kind in OCCUPATION_SCHEMA.items()
        if name not in {"train_id", "sequence", "begin_s", "end_s"}
    },
}
"""A step run over one way, with what `OCCUPATION_SCHEMA` says of it."""


def measure_path_consumption(
    path_occupations: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    *,
    from_at_s: int,
    to_at_s: int,
    additional_rate: float,
    intervals_s: Mapping[str, int],
) -> pl.DataFrame:
    """Capacity consumption of every block that train paths use within a period.

    The paths of each block, between one passing point and the next, are compressed by themselves:
    order and running times as planned, waits at the passing points left out.

    Parameters
    ----------
    path_occupations : polars.DataFrame
        Table of that name; possessions and tracks at points are left out.
    tables : mapping of str to polars.DataFrame
        ``operational_points``, ``sections`` and, where present, ``line_points`` and ``headways``.
    from_at_s, to_at_s : int
        Period [s UTC since the study epoch]; paths that enter a block within it count.
    additional_rate : float
        Additional time as a share of the occupancy time [1].
    intervals_s : mapping of str to int
        Intervals that the paths were made with where ``headways`` states none: ``following``,
        ``crossing``, and ``headway`` for automatic block [s].

    Returns
    -------
    polars.DataFrame
        Table ``capacity_consumption``, the most consumed first; what no path uses is absent.

    Raises
    ------
    StudyError
        If the paths are not free of conflicts under these intervals.
    """
    rows = list_block_occupations(path_occupations, tables, intervals_s=intervals_s)
    inside = rows.filter((pl.col("begin_s") >= from_at_s) & (pl.col("begin_s") < to_at_s))
    return measure_consumption(
        inside, period_s=to_at_s - from_at_s, additional_rate=additional_rate
    )


def list_block_occupations(
    path_occupations: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    *,
    intervals_s: Mapping[str, int],
) -> pl.DataFrame:
    """Steps that train paths occupy, as :func:`arterial.capacity.compress_paths` takes them.

    Parameters
    ----------
    path_occupations, tables, intervals_s
        As for `measure_path_consumption`.

    Returns
    -------
    polars.DataFrame
        One row a step run over, with its block as ``line_section_id``; on double track each
        direction is a resource of its own.
    """
    network = build_network(tables)
    points = tables["operational_points"]
    places: dict[tuple[str, frozenset[str]], _Place] = {}
    signalling = dict(tables["sections"].select("section_id", "signalling").iter_rows())
    headways, ways = read_headways(tables), _list_ways(network)
    for block in find_blocks(network, list_passing_points(points)):
        for step in block.steps:
            section = step.section
            word = (signalling.get(section.section_id) or "").lower()
            ends = frozenset({step.from_point, step.to_point})
            stated = headways.get(section.section_id, (StatedIntervals(), StatedIntervals()))
            follows = any(one.headway_s is not None for one in stated)
            places[section.section_id, ends] = _Place(
                block.block_id,
                is_single=section.tracks_count in {None, 1},
                can_follow=follows or word.startswith("automatic block"),
                begin=step.from_point,
                intervals=stated
                if (section.section_id, step.from_point, step.to_point) in ways
                else stated[::-1],
            )
    steps = path_occupations.filter((pl.col("kind") == "step") & pl.col("path_id").is_not_null())
    # Many trains run over each step: it is described once, each way.
    way = ["section_id", "from_point", "to_point"]
    rows = []
    for row in steps.select(way).unique(maintain_order=True).iter_rows(named=True):
        place = places.get((row["section_id"], frozenset({row["from_point"], row["to_point"]})))
        if place is not None:
            rows.append(row | place.describe(row, intervals_s))
    described = pl.DataFrame(rows, schema=STEP_SCHEMA)
    frame = steps.join(described, on=way, maintain_order="left").with_columns(
        train_id="path_id", begin_s="from_at_s", end_s="to_at_s"
    )
    return frame.select(
        "train_id",
        pl.col("begin_s").rank("ordinal").over("train_id").cast(pl.Int64).alias("sequence"),
        *(name for name in OCCUPATION_SCHEMA if name not in {"train_id", "sequence"}),
    )


def _list_ways(network: Network) -> set[tuple[str, str, str]]:
    """Section and ends of each step, in the order of its section."""
    return {
        (
            network.sections[owner].section_id,
            network.point_ids[int(network.step_from[number])],
            network.point_ids[int(network.step_to[number])],
        )
        for number, owner in enumerate(network.step_section.tolist())
    }


def _choose(stated_s: int | None, default_s: int) -> int:
    """An interval as stated, else as by default [s]."""
    return default_s if stated_s is None else stated_s


class _Place:
    """What a step is to the trains that run over it."""

    def __init__(
        self,
        block_id: str,
        *,
        is_single: bool,
        can_follow: bool,
        begin: str,
        intervals: tuple[StatedIntervals, StatedIntervals],
    ) -> None:
        self._block_id = block_id
        self._is_single = is_single
        self._can_follow = can_follow
        self._begin = begin
        self._intervals = intervals

    def describe(self, row: Mapping[str, Any], intervals_s: Mapping[str, int]) -> dict[str, Any]:
        """What `compress_paths` is to know of a step run over, but for trains and times."""
        begin, end = row["from_point"], row["to_point"]
        names = sorted((begin, end)) if self._is_single else [begin, end]
        # The next train either follows this one, or comes against it.
        own, other = self._intervals if begin == self._begin else self._intervals[::-1]
        headway_s = _choose(own.headway_s, intervals_s["headway"])
        return {
            "resource_id": f"{row['section_id']}:{names[0]}-{names[1]}",
            "direction": f"{begin}>{end}",
            "following_s": _choose(own.following_s, intervals_s["following"]),
            "crossing_s": _choose(other.opposing_s, intervals_s["crossing"]),
            "headway_s": headway_s if self._can_follow else None,
            "line_section_id": self._block_id,
        }
