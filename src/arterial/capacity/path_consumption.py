"""Capacity that the train paths of a study consume, block by block.

Main function: :func:`measure_path_consumption`.
"""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from arterial.capacity.blocks import find_blocks, list_passing_points
from arterial.capacity.compression import measure_consumption
from arterial.network import build_network

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
        ``operational_points``, ``sections`` and, where present, ``line_points``.
    from_at_s, to_at_s : int
        Period [s UTC since the study epoch]; paths that enter a block within it count.
    additional_rate : float
        Additional time as a share of the occupancy time [1].
    intervals_s : mapping of str to int
        Intervals that the paths were made with: ``following``, ``crossing``, and ``headway`` for
        automatic block [s].

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
    for block in find_blocks(network, list_passing_points(points)):
        for step in block.steps:
            section = step.section
            word = (signalling.get(section.section_id) or "").lower()
            ends = frozenset({step.from_point, step.to_point})
            places[section.section_id, ends] = _Place(
                block.block_id,
                is_single=section.tracks_count in {None, 1},
                can_follow=word.startswith("automatic block"),
            )
    steps = path_occupations.filter((pl.col("kind") == "step") & pl.col("path_id").is_not_null())
    rows = []
    for row in steps.iter_rows(named=True):
        place = places.get((row["section_id"], frozenset({row["from_point"], row["to_point"]})))
        if place is not None:
            rows.append(place.describe(row, intervals_s))
    frame = pl.DataFrame(rows, schema=OCCUPATION_SCHEMA)
    return frame.with_columns(
        sequence=pl.col("begin_s").rank("ordinal").over("train_id").cast(pl.Int64)
    )


class _Place:
    """What a step is to the trains that run over it."""

    def __init__(self, block_id: str, *, is_single: bool, can_follow: bool) -> None:
        self._block_id = block_id
        self._is_single = is_single
        self._can_follow = can_follow

    def describe(self, row: Mapping[str, Any], intervals_s: Mapping[str, int]) -> dict[str, Any]:
        """Row of `compress_paths` for a step run over; its sequence is left for later."""
        begin, end = row["from_point"], row["to_point"]
        names = sorted((begin, end)) if self._is_single else [begin, end]
        return {
            "train_id": row["path_id"],
            "sequence": None,
            "resource_id": f"{row['section_id']}:{names[0]}-{names[1]}",
            "begin_s": row["from_at_s"],
            "end_s": row["to_at_s"],
            "direction": f"{begin}>{end}",
            "following_s": intervals_s["following"],
            "crossing_s": intervals_s["crossing"],
            "headway_s": intervals_s["headway"] if self._can_follow else None,
            "line_section_id": self._block_id,
        }
