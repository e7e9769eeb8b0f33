"""Compression of train paths after UIC 406, exact for the orders that the timetable has.

Main functions: :func:`compress_paths` and :func:`measure_consumption`. Each path is a list of the
intervals in which it occupies a resource: a single-track section, one track of a double-track
section, one track of a station. Paths are pushed together as far as these intervals allow, the
order on every resource, all running times and all blocking times kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.capacity.consumption import assess_consumption
from arterial.capacity.order_graph import CycleTime, OrderGraph, build_order_graph, find_cycle_time
from arterial.errors import Fault, StudyError
from arterial.study import conform_table, empty_table

__all__ = ["CompressedPaths", "assign_tracks", "compress_paths", "measure_consumption"]

COLUMNS: Final = ("train_id", "sequence", "resource_id", "begin_s", "end_s")
OPTIONAL: Final = {
    "shortest_s": pl.Int64(),
    "direction": pl.String(),
    "following_s": pl.Int64(),
    "crossing_s": pl.Int64(),
    "headway_s": pl.Int64(),
}
CRITICAL_SCHEMA: Final = {"train_id": pl.String(), "resource_id": pl.String()}


@dataclass(frozen=True, slots=True)
class CompressedPaths:
    """Paths pushed together.

    Parameters
    ----------
    occupancy_s : float
        Compressed occupancy time: shortest period in which the sequence can repeat [s].
    occupations : polars.DataFrame
        The rows given, with ``compressed_begin_s`` and ``compressed_end_s``.
    critical : polars.DataFrame
        ``train_id``, ``resource_id`` of the occupations that follow each other without a gap and
        add up to the occupancy time, in order.
    """

    occupancy_s: float
    occupations: pl.DataFrame
    critical: pl.DataFrame


def compress_paths(occupations: pl.DataFrame) -> CompressedPaths:
    """Push the paths of a timetable together, and say how long the sequence then takes.

    The longest way through the alternative graph of the paths with every order fixed, closed to a
    circle by the repetition of the timetable: the occupancy time is the shortest period in which
    it can repeat. Where all paths share one critical section this is the usual figure of UIC 406,
    with the first path repeated at the end.

    Parameters
    ----------
    occupations : polars.DataFrame
        ``train_id``, ``sequence`` (order along the train's way), ``resource_id``, ``begin_s``,
        ``end_s`` (blocking time, set-up and release included). Optional, null = none:
        ``shortest_s``, where the train may wait longer or shorter than planned, down to this stay;
        ``direction`` with ``following_s`` and ``crossing_s``, the interval to the next train of
        the same and of another direction where the blocking time does not hold it yet; and
        ``headway_s``, the headway where trains of one direction may follow inside the resource.

    Returns
    -------
    CompressedPaths
        Occupancy time, compressed intervals and the critical occupations.

    Raises
    ------
    StudyError
        When two paths are too close on a resource, an interval ends before it begins, or a
        shortest stay is longer than the planned one; every such fault of the first kind found.

    Notes
    -----
    A resource holds one train. Give a station of several tracks through `assign_tracks`; its
    track use is then kept as well. The result depends on where a line is cut into pieces
    [Landex 2009]: compress section by section for the classic figure, or a whole corridor.

    Examples
    --------
    12 min up and 14 min down over a single-track section, 2 min more to cross.

    >>> paths = pl.DataFrame({
    ...     "train_id": ["1", "2"], "sequence": [1, 1], "resource_id": ["A-B", "A-B"],
    ...     "begin_s": [0, 3600], "end_s": [840, 4560]})
    >>> compress_paths(paths).occupancy_s
    1800.0
    """
    frame = _read_occupations(occupations)
    rows = frame.to_dicts()
    _refuse(list(_find_bad_intervals(rows)))
    graph = build_order_graph(rows)
    _refuse(list(_find_conflicts(rows, graph)))
    cycle = find_cycle_time(graph)
    shifted = frame.with_columns(
        compressed_begin_s=_shift(frame["begin_s"], graph.begin_pieces, cycle),
        compressed_end_s=_shift(frame["end_s"], graph.end_pieces, cycle),
    )
    return CompressedPaths(
        occupancy_s=float(cycle.period_s),
        occupations=shifted,
        critical=_list_critical(rows, cycle),
    )


def measure_consumption(
    occupations: pl.DataFrame, *, period_s: float, additional_rate: float
) -> pl.DataFrame:
    """Capacity consumption of every line section of a timetable, the most consumed first.

    Parameters
    ----------
    occupations : polars.DataFrame
        As for `compress_paths`, and ``line_section_id``: what is compressed together.
    period_s : float
        Period that the timetable is measured against [s]; all paths should lie within it.
    additional_rate : float
        Additional time as a share of the occupancy time [1], see
        :func:`arterial.capacity.additional_time_rate`.

    Returns
    -------
    polars.DataFrame
        Table ``capacity_consumption``, one row a line section.

    Examples
    --------
    >>> paths = pl.DataFrame({
    ...     "train_id": ["1", "2"], "sequence": [1, 1], "resource_id": ["A-B", "A-B"],
    ...     "begin_s": [0, 3600], "end_s": [840, 4560], "line_section_id": ["A-B", "A-B"]})
    >>> table = measure_consumption(paths, period_s=7200, additional_rate=0.5)
    >>> table.select("occupancy_rate", "consumption").row(0)
    (0.25, 0.375)
    """
    results = []
    groups = occupations.partition_by("line_section_id", as_dict=True, maintain_order=True)
    for (section_id,), rows in groups.items():
        compressed = compress_paths(rows)
        found = assess_consumption(
            compressed.occupancy_s, period_s, additional_rate=additional_rate
        )
        results.append(
            {
                "line_section_id": section_id,
                "trains_count": rows["train_id"].n_unique(),
                "occupancy_s": found.occupancy_s,
                "period_s": found.period_s,
                "occupancy_rate": found.occupancy_rate,
                "additional_rate": found.additional_rate,
                "consumption": found.consumption,
                "is_congested": found.is_congested,
                "critical": _describe_critical(compressed.critical),
                "basis": "UIC 406 compression, orders as planned; additional-time rate as given",
            }
        )
    if not results:
        return empty_table("capacity_consumption")
    table = conform_table("capacity_consumption", pl.DataFrame(results, infer_schema_length=None))
    return table.sort("consumption", "line_section_id", descending=[True, False])


def assign_tracks(occupations: pl.DataFrame, tracks_counts: Mapping[str, int]) -> pl.DataFrame:
    """Give every occupation of a resource with several tracks a track of its own.

    First come, first track: which is possible whenever there are never more trains than tracks.

    Parameters
    ----------
    occupations : polars.DataFrame
        As for `compress_paths`.
    tracks_counts : mapping of str to int
        Tracks of each resource that has more than one.

    Returns
    -------
    polars.DataFrame
        The same rows; ``resource_id`` of these resources ends in ``#1``, ``#2`` and so on.

    Raises
    ------
    StudyError
        Naming every train that finds no track.

    Examples
    --------
    >>> stays = pl.DataFrame({
    ...     "train_id": ["1", "2"], "sequence": [2, 2], "resource_id": ["B", "B"],
    ...     "begin_s": [0, 60], "end_s": [120, 180]})
    >>> assign_tracks(stays, {"B": 2})["resource_id"].to_list()
    ['B#1', 'B#2']
    """
    names: list[str] = occupations["resource_id"].to_list()
    free_at: dict[str, list[float]] = {}
    faults = []
    # To the last column: equal times would else take tracks in the order of the file.
    order = occupations.with_row_index("row").sort("begin_s", "end_s", "train_id", "sequence")
    for row in order.iter_rows(named=True):
        resource = row["resource_id"]
        if resource not in tracks_counts:
            continue
        tracks = free_at.setdefault(resource, [float("-inf")] * tracks_counts[resource])
        track = next((i for i, at in enumerate(tracks) if at <= row["begin_s"]), None)
        if track is None:
            faults.append(_track_fault(row, tracks_counts[resource]))
            continue
        tracks[track] = row["end_s"]
        names[row["row"]] = f"{resource}#{track + 1}"
    if faults:
        message = "There are more trains than tracks."
        raise StudyError(message, faults)
    return occupations.with_columns(resource_id=pl.Series(names, dtype=pl.String))


def _read_occupations(occupations: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of the trains, with the optional columns that may be null."""
    absent = {name: dtype for name, dtype in OPTIONAL.items() if name not in occupations.columns}
    complete = occupations.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items()
    )
    kept = [name for name in occupations.columns if name not in {*COLUMNS, *OPTIONAL}]
    columns = [*COLUMNS, *OPTIONAL, *kept]
    return complete.select(columns).sort("train_id", "sequence", maintain_order=True)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        message = f"The paths cannot be compressed: {len(faults)} faults."
        raise StudyError(message, faults)


def _find_bad_intervals(rows: list[dict[str, Any]]) -> Iterator[Fault]:
    for row in rows:
        where = f"Train {row['train_id']} on {row['resource_id']}"
        if row["begin_s"] is None or row["end_s"] is None:
            yield Fault(f"{where}: its times are unknown.", "Time the path first.")
        elif row["end_s"] < row["begin_s"]:
            yield Fault(f"{where} ends before it begins.", "Correct the path.")
        elif row["shortest_s"] is not None and not (
            0 <= row["shortest_s"] <= row["end_s"] - row["begin_s"]
        ):
            yield Fault(
                f"{where}: its shortest stay of {row['shortest_s']} s does not lie within 0 and "
                f"the planned {row['end_s'] - row['begin_s']} s.",
                "Correct the shortest stay.",
            )


def _find_conflicts(rows: list[dict[str, Any]], graph: OrderGraph) -> Iterator[Fault]:
    """Orders that the planned times break."""
    for arc in graph.arcs:
        # Into the next period every arc holds once the period is long enough, which is sought.
        if arc.height or arc.weight_s <= 0:
            continue
        before, after = rows[arc.row], rows[arc.next_row]
        yield Fault(
            f"Trains {before['train_id']} and {after['train_id']} are {arc.weight_s} s too close "
            f"on {before['resource_id']}.",
            "Make the paths free of conflicts first.",
        )


def _shift(planned_s: pl.Series, pieces: tuple[int, ...], cycle: CycleTime) -> pl.Series:
    times = [
        float(at_s + cycle.shifts_s[piece])
        for at_s, piece in zip(planned_s.to_list(), pieces, strict=True)
    ]
    return pl.Series(times, dtype=pl.Float64)


def _list_critical(rows: list[dict[str, Any]], cycle: CycleTime) -> pl.DataFrame:
    found = [rows[number] for number in cycle.critical_rows]
    return pl.DataFrame(
        {name: [row[name] for row in found] for name in CRITICAL_SCHEMA}, schema=CRITICAL_SCHEMA
    )


def _describe_critical(critical: pl.DataFrame) -> str:
    names = [f"{train} on {resource}" for train, resource in critical.iter_rows()]
    return "; ".join(names)


def _track_fault(row: Mapping[str, Any], tracks_count: int) -> Fault:
    return Fault(
        f"Train {row['train_id']} finds all {tracks_count} tracks of {row['resource_id']} taken.",
        "Move a path, or correct the track count of the point.",
    )
