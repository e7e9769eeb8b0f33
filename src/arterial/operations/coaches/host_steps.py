"""Host trains cut into steps: a standstill at each stop, pieces of sections between stops.

Main function: :func:`cut_train`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.timetable.trains.train_plans import TrainPlan
from arterial.units import KM_TO_M

__all__ = ["HostStep", "cut_train"]

NEAR_KM: Final = 1e-6


@dataclass(frozen=True, slots=True)
class HostStep:
    """A standstill, or a piece of a section between two stops.

    Parameters
    ----------
    stop : int
        Stop of a standstill, else -1.
    link : int
        Number of the stop before a piece, else -1.
    point_id : str or None
        Place of a standstill.
    section_id : str or None
        Section of a piece.
    railway_id : str or None
        Railway of the place or section.
    length_km : float
        Length of a piece [km].
    from_m, to_m : float
        Where the piece lies on its section [m from the section's begin].
    planned_share : float
        Share of the time of its link [1].
    recovery_share : float
        Share of that time that is supplement and can be made up [1].
    row : mapping or None
        Row of ``section_runs`` of a piece.
    """

    stop: int
    link: int
    point_id: str | None = None
    section_id: str | None = None
    railway_id: str | None = None
    length_km: float = 0.0
    from_m: float = 0.0
    to_m: float = 0.0
    planned_share: float = 0.0
    recovery_share: float = 0.0
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    row: Mapping[str, Any]
    begin_km: float
    end_km: float


def cut_train(
    plan: TrainPlan, section_runs: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> list[HostStep]:
    """Cut a host train into its steps.

    Parameters
    ----------
    plan : TrainPlan
        Stops with their distances.
    section_runs : polars.DataFrame
        Table ``section_runs``.
    tables : mapping of str to polars.DataFrame
        ``sections`` and ``operational_points`` of the study.

    Returns
    -------
    list of HostStep
        In the order of running: each stop, and behind it the pieces up to the next.
    """
    rows = section_runs.filter(pl.col("train_id") == plan.train_id).sort("sequence")
    stretches: list[_Stretch] = []
    for row in rows.iter_rows(named=True):
        from_km = stretches[-1].end_km if stretches else 0.0
        stretches.append(_Stretch(row, from_km, from_km + row["length_km"]))
    sections = {row["section_id"]: row for row in tables["sections"].iter_rows(named=True)}
    points = tables["operational_points"]
    railways = dict(zip(points["point_id"], points["railway_id"], strict=True))
    steps: list[HostStep] = []
    for number, stop in enumerate(plan.stops):
        railway = railways.get(stop.point_id)
        steps.append(HostStep(number, -1, point_id=stop.point_id, railway_id=railway))
        if number + 1 < len(plan.stops):
            begin, end = plan.distances_km[number], plan.distances_km[number + 1]
            if begin is not None and end is not None:
                steps += _cut_link(number, begin, end, stretches, sections)
    return steps


def _cut_link(
    number: int,
    begin_km: float,
    end_km: float,
    stretches: Sequence[_Stretch],
    sections: Mapping[str, Mapping[str, Any]],
) -> list[HostStep]:
    pieces = []
    for stretch in stretches:
        low, high = max(begin_km, stretch.begin_km), min(end_km, stretch.end_km)
        # Sums of lengths and distances agree up to rounding; slivers are no pieces.
        if high - low > NEAR_KM:
            pieces.append((stretch, low, high))
    times = [_share_of(stretch, low, high) for stretch, low, high in pieces]
    whole = sum(times)
    return [
        _make_piece(number, piece, sections, time / whole if whole > 0 else 0.0)
        for piece, time in zip(pieces, times, strict=True)
    ]


def _share_of(stretch: _Stretch, low: float, high: float) -> float:
    calibrated = stretch.row["calibrated_s"]
    seconds = stretch.row["basic_s"] if calibrated is None else calibrated
    return float(seconds or 0.0) * (high - low) / (stretch.end_km - stretch.begin_km)


def _make_piece(
    number: int,
    piece: tuple[_Stretch, float, float],
    sections: Mapping[str, Mapping[str, Any]],
    planned_share: float,
) -> HostStep:
    stretch, low, high = piece
    row = stretch.row
    section = sections.get(row["section_id"], {})
    from_m, to_m = _place(stretch, section, low), _place(stretch, section, high)
    basic, supplement = row["basic_s"] or 0.0, row["supplement_s"] or 0.0
    return HostStep(
        stop=-1,
        link=number,
        section_id=row["section_id"],
        railway_id=section.get("railway_id"),
        length_km=high - low,
        from_m=min(from_m, to_m),
        to_m=max(from_m, to_m),
        planned_share=planned_share,
        recovery_share=supplement / (basic + supplement) if basic + supplement > 0 else 0.0,
        row=row,
    )


def _place(stretch: _Stretch, section: Mapping[str, Any], at_km: float) -> float:
    """Offset on the section from its begin [m]; the ends of the run tell its direction."""
    run_km = stretch.end_km - stretch.begin_km
    ahead_km = at_km - stretch.begin_km
    length_km = section.get("length_km") or run_km
    # A run may cover a part of its section only: the end that both share tells the offset.
    if stretch.row["to_point"] == section.get("from_point"):
        return (run_km - ahead_km) * KM_TO_M
    if stretch.row["from_point"] == section.get("to_point"):
        return (length_km - ahead_km) * KM_TO_M
    if stretch.row["to_point"] == section.get("to_point"):
        return (length_km - run_km + ahead_km) * KM_TO_M
    return ahead_km * KM_TO_M
