"""Build the network from the study tables; main function `build_network`.

A section names only its two ends. The operational points between them are taken from the points
of the section's own line, in that line's chainage; a section with an end that is not on its own
line stays one step. Kilometre points of two chainage systems are never subtracted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

import numpy as np
import polars as pl

from arterial.errors import Fault, StudyError
from arterial.network.model import ChangePoint, Network, Section
from arterial.study import empty_table, split_list
from arterial.study.faults import find_near_names

__all__ = ["build_network"]

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _LinePoint:
    """A point on a line: its id, kilometre point [km] and the stated error of it [km]."""

    point_id: str
    location_km: float
    error_km: float | None


def build_network(tables: Mapping[str, pl.DataFrame]) -> Network:
    """Network of operational points and steps from the tables of a study.

    Each section is expanded to the operational points that its own line lists between its ends;
    the step lengths keep the proportions of the chainage and are scaled so that they add up to
    the section's length.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``operational_points``, ``sections``, and, where present, ``line_points`` and
        ``change_points``.

    Returns
    -------
    Network
        Points and sections in table order, steps in the order of their sections.

    Raises
    ------
    StudyError
        For every section and change point that names an unknown point, and every section whose
        line runs backwards between its ends; all at once.

    Notes
    -----
    An empty ``direction`` means ``both`` and an empty ``is_open`` means true, as the schema's
    defaults say.
    """
    points = _read(tables, "operational_points")
    ids: tuple[str, ...] = tuple(points["point_id"].to_list())
    index = {point_id: number for number, point_id in enumerate(ids)}
    line_points = _read_line_points(tables)
    faults: list[Fault] = []
    sections: list[Section] = []
    chains: list[list[_LinePoint]] = []
    for row_number, row in enumerate(_read(tables, "sections").iter_rows(named=True), start=2):
        chain = _expand_section(row, line_points.get(str(row["line_id"]), []))
        missing = _find_missing_points(row, chain, index, row_number)
        faults += missing or _find_backward_chain(row, chain, row_number)
        sections.append(_make_section(row, chain))
        chains.append(chain)
    change_points = _read_change_points(tables)
    faults += _find_stray_changes(change_points, index)
    if faults:
        message = f"The network cannot be built: {len(faults)} faults."
        raise StudyError(message, faults)
    return _assemble(points, sections, chains, change_points)


def _read(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """Table of that name, empty with the schema's columns when the study has none."""
    return tables[name] if name in tables else empty_table(name)


def _read_line_points(tables: Mapping[str, pl.DataFrame]) -> dict[str, list[_LinePoint]]:
    """Points of each line in the order of their sequence."""
    result: dict[str, list[_LinePoint]] = {}
    columns = ["line_id", "point_id", "location_km", "location_error_km"]
    ordered = _read(tables, "line_points").sort("line_id", "sequence").select(columns)
    for line_id, point_id, location_km, error_km in ordered.iter_rows():
        result.setdefault(line_id, []).append(_LinePoint(point_id, location_km, error_km))
    return result


def _read_change_points(tables: Mapping[str, pl.DataFrame]) -> tuple[ChangePoint, ...]:
    """Declared changes of gauge and electrification."""
    return tuple(
        ChangePoint(
            row["point_id"],
            row["kind"],
            frozenset({str(row["from_value"]), str(row["to_value"])}),
            row["method"],
        )
        for row in _read(tables, "change_points").iter_rows(named=True)
    )


def _find_missing_points(
    row: Row, chain: Iterable[_LinePoint], index: Mapping[str, int], row_number: int
) -> list[Fault]:
    """Faults for the points on a section that are not operational points."""
    missing = [point.point_id for point in chain if point.point_id not in index]
    return [
        Fault(
            cause=f"Section {row['section_id']} runs over {point_id}, which is no point.",
            cure="Add the point to operational_points or correct its id.",
            file="tables/sections.csv",
            row=row_number,
            near=find_near_names(point_id, index),
        )
        for point_id in missing
    ]


def _find_stray_changes(
    change_points: Iterable[ChangePoint], index: Mapping[str, int]
) -> list[Fault]:
    """Faults for the change points that are not operational points."""
    return [
        Fault(
            cause=f"A change of {change.kind} is declared at {change.point_id}, which is no point.",
            cure="Add the point to operational_points or correct its id.",
            file="tables/change_points.csv",
            column="point_id",
            near=find_near_names(change.point_id, index),
        )
        for change in change_points
        if change.point_id not in index
    ]


def _find_backward_chain(row: Row, chain: Iterable[_LinePoint], row_number: int) -> list[Fault]:
    """Fault when the kilometre points between a section's ends do not run one way."""
    changes = [after.location_km - before.location_km for before, after in pairwise(chain)]
    if all(change >= 0 for change in changes) or all(change <= 0 for change in changes):
        return []
    return [
        Fault(
            cause=f"The kilometre points of line {row['line_id']} rise and fall between the ends "
            f"of section {row['section_id']}.",
            cure="Put the points of the line in order, or split it into two chainage systems.",
            file="tables/sections.csv",
            row=row_number,
            column="line_id",
        )
    ]


def _expand_section(row: Row, line: list[_LinePoint]) -> list[_LinePoint]:
    """Points of a section from its begin to its end, on its own line where both ends are."""
    begins = [n for n, point in enumerate(line) if point.point_id == row["from_point"]]
    ends = [n for n, point in enumerate(line) if point.point_id == row["to_point"]]
    length_km = float(str(row["length_km"]))
    if not begins or not ends:
        # The ends have no common chainage: the two values here only carry the length.
        known = {point.point_id: point.error_km for point in line}
        begin, end = str(row["from_point"]), str(row["to_point"])
        return [
            _LinePoint(begin, 0.0, known.get(begin)),
            _LinePoint(end, length_km, known.get(end)),
        ]

    # A line may pass a point twice; the section is the piece whose chainage fits its length.
    def misfit(pair: tuple[int, int]) -> float:
        return abs(abs(line[pair[1]].location_km - line[pair[0]].location_km) - length_km)

    begin_at, end_at = min(((b, e) for b in begins for e in ends), key=misfit)
    if begin_at <= end_at:
        return line[begin_at : end_at + 1]
    return line[end_at : begin_at + 1][::-1]


def _make_section(row: Row, chain: list[_LinePoint]) -> Section:
    """Section record of one table row."""
    stated, first, last = row["length_error_km"], chain[0].error_km, chain[-1].error_km
    error_km: float | None = None
    if stated is not None:
        error_km = float(str(stated))
    elif first is not None and last is not None:
        error_km = hypot(first, last)
    tracks = row["tracks_count"]
    electrification = row["electrification"]
    return Section(
        section_id=str(row["section_id"]),
        line_id=str(row["line_id"]),
        from_point=str(row["from_point"]),
        to_point=str(row["to_point"]),
        length_km=float(str(row["length_km"])),
        length_error_km=error_km,
        gauges_mm=tuple(int(value) for value in split_list(str(row["gauges_mm"] or ""))),
        tracks_count=None if tracks is None else int(str(tracks)),
        electrification=None if electrification is None else str(electrification),
        direction=str(row["direction"] or "both"),
        is_open=row["is_open"] is not False,
    )


def _assemble(
    points: pl.DataFrame,
    sections: list[Section],
    chains: list[list[_LinePoint]],
    change_points: tuple[ChangePoint, ...],
) -> Network:
    """Steps of all sections as arrays, joined with the points."""
    ids: tuple[str, ...] = tuple(points["point_id"].to_list())
    index = {point_id: number for number, point_id in enumerate(ids)}
    begins: list[int] = []
    ends: list[int] = []
    owners: list[int] = []
    offsets_km: list[float] = []
    lengths_km: list[float] = []
    errors_km: dict[tuple[int, int], float] = {}
    for number, (section, chain) in enumerate(zip(sections, chains, strict=True)):
        offsets = _scale_offsets(chain, section.length_km)
        for place, (before, after) in enumerate(pairwise(chain)):
            begins.append(index[before.point_id])
            ends.append(index[after.point_id])
            owners.append(number)
            offsets_km.append(offsets[place])
            lengths_km.append(offsets[place + 1] - offsets[place])
        for point in chain[1:-1]:
            if point.error_km is not None:
                errors_km[number, index[point.point_id]] = point.error_km
    return Network(
        point_ids=ids,
        point_names=tuple(points["name"].to_list()),
        sections=tuple(sections),
        change_points=change_points,
        step_from=np.array(begins, dtype=np.int32),
        step_to=np.array(ends, dtype=np.int32),
        step_section=np.array(owners, dtype=np.int32),
        step_offset_km=np.array(offsets_km, dtype=np.float64),
        step_length_km=np.array(lengths_km, dtype=np.float64),
        location_error_km=errors_km,
    )


def _scale_offsets(chain: list[_LinePoint], length_km: float) -> list[float]:
    """Distances from the section's begin, scaled so that the last equals its length [km]."""
    begin_km = chain[0].location_km
    spans_km = [abs(point.location_km - begin_km) for point in chain]
    if spans_km[-1] == 0:
        # Chainage that does not move says nothing of the proportions: spread the points evenly.
        return [length_km * n / (len(chain) - 1) for n in range(len(chain))]
    return [length_km * span / spans_km[-1] for span in spans_km]
