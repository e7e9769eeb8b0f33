"""The profile of a route: gradient, limit, curve and electrification by position.

Main function `route_profile`. Pieces that the study knows are used as they are, with the sign of
the gradient turned where a section is run backward; an unknown speed limit is an error, never a
guess.

Unknown gradients follow a named assumption with a low and a high case. The public knows the ruling
gradient of most lines and the profile of almost none, so what is drawn is coarse on purpose: hills
of one length, all equally steep, and no net height between the ends of a section. It serves to
bound a running time, not to describe a line.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil
from typing import Any, Final, NamedTuple, Protocol

import polars as pl

from arterial.errors import Fault, LimitError, StudyError
from arterial.network.route import Route, RouteStep
from arterial.study import empty_table
from arterial.units import KM_TO_M

__all__ = [
    "PROFILE_COLUMNS",
    "GradientCase",
    "GradientSettings",
    "route_profile",
    "split_wave",
]

PROFILE_COLUMNS: dict[str, pl.DataType] = {
    "position_m": pl.Float64(),
    "length_m": pl.Float64(),
    "gradient_permille": pl.Float64(),
    "gradient_bound_permille": pl.Float64(),
    "gradient_basis": pl.String(),
    "speed_limit_kmh": pl.Float64(),
    "curve_radius_m": pl.Float64(),
    "electrification": pl.String(),
    "section_id": pl.String(),
    "typical_speed_kmh": pl.Float64(),
}
"""Columns of a route profile and their types."""

Row = dict[str, Any]


class GradientCase(StrEnum):
    """How harsh the assumed gradients are."""

    LOW = "low"
    BEST = "best"
    HIGH = "high"


class GradientSettings(Protocol):
    """Settings that say how unknown gradients are drawn."""

    @property
    def gradient_assumption(self) -> str:
        """``"rolling"`` (hills) or ``"level"``."""

    @property
    def gradient_share(self) -> float:
        """Share of the ruling gradient that the hills of the best case reach [1]."""

    @property
    def gradient_wave_km(self) -> float:
        """Length of one rise and fall [km]."""


SLOPES_PER_HILL: Final = 2


class _Piece(NamedTuple):
    """A stretch of a section of one gradient, curve and limit; offsets in the section's order."""

    from_m: float
    to_m: float
    gradient_permille: float | None
    basis: str
    speed_limit_kmh: float | None
    curve_radius_m: float | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The part of a section that a route runs in one go, between two offsets."""

    step: RouteStep
    from_m: float
    to_m: float


def route_profile(
    route: Route,
    tables: Mapping[str, pl.DataFrame],
    *,
    settings: GradientSettings,
    gradient_case: str = "best",
    is_freight: bool = False,
    restrictions_on: dt.date | None = None,
) -> pl.DataFrame:
    """Profile of a route by position, for the running time of a train.

    Where a section has no gradient, it is assumed: ``low`` is level; ``best`` is a rolling wave
    of ``gradient_share`` times the ruling gradient, up and down in turn over half a
    ``gradient_wave_km`` each, without net height between the ends of the section; ``high`` is the
    same wave at the full ruling gradient. This is coarse: it bounds what hills cost, it does not
    describe the line. The column ``gradient_basis`` says which pieces are assumed.

    Parameters
    ----------
    route : Route
        The route.
    tables : mapping of str to polars.DataFrame
        Study tables ``sections`` and, where present, ``profile_pieces``, ``speed_restrictions``.
    settings : GradientSettings
        How unknown gradients are drawn.
    gradient_case : str
        ``"low"``, ``"best"`` or ``"high"``.
    is_freight : bool
        Whether the limits and typical speeds of freight trains hold.
    restrictions_on : datetime.date, optional
        Day whose temporary speed restrictions lower the limit; None = none do.

    Returns
    -------
    polars.DataFrame
        One row for each stretch of constant values, in the order of running, with the columns of
        `PROFILE_COLUMNS`: ``position_m`` is its begin from the start of the route [m],
        ``length_m`` its length [m], gradients are positive uphill in the direction of running.

    Raises
    ------
    StudyError
        Naming every section whose speed limit is unknown, and every one whose ruling gradient is
        unknown although the assumption needs it.
    """
    share = _find_wave_share(gradient_case, settings)
    here = tables["sections"].filter(pl.col("section_id").is_in(set(route.section_ids)))
    sections: dict[str, Row] = {row["section_id"]: row for row in here.iter_rows(named=True)}
    known = _group_rows(tables, "profile_pieces", "offset_m")
    slow = _select_restrictions(tables, restrictions_on)
    faults: list[Fault] = []
    rows: list[Row] = []
    position_m = 0.0
    for stretch in _join_steps(route.steps):
        section_id = stretch.step.section.section_id
        row = sections[section_id]
        pieces = _cut_section(
            row, known.get(section_id, []), slow.get(section_id, []), settings, share
        )
        limit = _read_number(row, f"{'freight' if is_freight else 'passenger'}_speed_limit_kmh")
        for piece in _clip(pieces, stretch):
            faults += _find_faults(section_id, piece, limit)
            rows.append(_make_row(stretch, row, piece, limit, position_m, is_freight=is_freight))
            position_m += piece.to_m - piece.from_m
    if faults:
        message = "The profile of the route is not known well enough."
        raise StudyError(message, dict.fromkeys(faults))
    return pl.DataFrame(rows, schema=PROFILE_COLUMNS)


def _find_wave_share(case: str, settings: GradientSettings) -> float:
    """Share of the ruling gradient that the assumed hills reach [1].

    Parameters
    ----------
    case : str
        ``"low"`` (level), ``"best"`` or ``"high"`` (the full ruling gradient).
    settings : GradientSettings
        Settings; with the assumption ``"level"`` every case is level.

    Returns
    -------
    float
        0 for a level profile, 1 for the full ruling gradient.

    Raises
    ------
    LimitError
        For a case that does not exist.
    """
    shares = {
        GradientCase.LOW: 0.0,
        GradientCase.BEST: settings.gradient_share,
        GradientCase.HIGH: 1.0,
    }
    if case not in shares:
        message = f"There is no gradient case {case}; use {', '.join(shares)}."
        raise LimitError(message)
    return 0.0 if settings.gradient_assumption == "level" else shares[GradientCase(case)]


def split_wave(length_m: float, wave_m: float) -> list[tuple[float, int]]:
    """Assumed hills over a section, as slopes up and down of one length.

    The number of slopes is even, so that the net height is zero; it is the least for which no
    slope is longer than half a wave. Run backward, the hills look the same.

    Parameters
    ----------
    length_m : float
        Length of the section [m].
    wave_m : float
        Greatest length of one rise and fall [m].

    Returns
    -------
    list of (float, int)
        Begin of each slope from the section's begin [m], and 1 for a rise or -1 for a fall.

    Examples
    --------
    >>> split_wave(20_000, 10_000)
    [(0.0, 1), (5000.0, -1), (10000.0, 1), (15000.0, -1)]
    """
    # A whole number of waves but for rounding must not become one more.
    hills = max(1, ceil(length_m / wave_m - 1e-9))
    slopes = hills * SLOPES_PER_HILL
    return [
        (length_m * number / slopes, -1 if number % SLOPES_PER_HILL else 1)
        for number in range(slopes)
    ]


def _group_rows(tables: Mapping[str, pl.DataFrame], name: str, order: str) -> dict[str, list[Row]]:
    """Rows of a table by section, in the order of a column."""
    frame = tables[name] if name in tables else empty_table(name)
    result: dict[str, list[Row]] = {}
    for row in frame.sort("section_id", order).iter_rows(named=True):
        result.setdefault(row["section_id"], []).append(row)
    return result


def _select_restrictions(
    tables: Mapping[str, pl.DataFrame], day: dt.date | None
) -> dict[str, list[Row]]:
    """Temporary speed restrictions of a day by section."""
    if day is None or "speed_restrictions" not in tables:
        return {}
    begins, ends = pl.col("valid_from"), pl.col("valid_to")
    valid = (begins.is_null() | (begins <= day)) & (ends.is_null() | (ends >= day))
    frame = tables["speed_restrictions"].filter(valid)
    return _group_rows({"speed_restrictions": frame}, "speed_restrictions", "from_offset_m")


def _join_steps(steps: tuple[RouteStep, ...]) -> list[_Stretch]:
    """Steps of a route joined where they go on in one section and one direction."""
    stretches: list[_Stretch] = []
    for step in steps:
        last = stretches[-1] if stretches else None
        goes_on = (
            last is not None
            and last.step.section is step.section
            and last.step.is_forward == step.is_forward
        )
        begin_m = step.from_offset_km * KM_TO_M
        if last is not None and goes_on:
            begin_m = last.from_m
            stretches.pop()
        stretches.append(_Stretch(step, begin_m, step.to_offset_km * KM_TO_M))
    return stretches


def _cut_section(
    row: Row,
    known: list[Row],
    restrictions: list[Row],
    settings: GradientSettings,
    share: float,
) -> list[_Piece]:
    """Pieces of a whole section, in its own order, with every assumption made."""
    length_m = float(row["length_km"]) * KM_TO_M
    wave = split_wave(length_m, settings.gradient_wave_km * KM_TO_M)
    ruling = _read_number(row, "ruling_gradient_permille")
    offsets, slopes = [float(piece["offset_m"]) for piece in known], [start for start, _ in wave]
    cuts = {0.0, length_m, *offsets}
    cuts |= set(slopes) if share else set()
    for restriction in restrictions:
        cuts |= {float(restriction[f"{end}_offset_m"]) for end in ("from", "to")}
    pieces: list[_Piece] = []
    for begin, end in pairwise(sorted(cut for cut in cuts if 0 <= cut <= length_m)):
        place = bisect_right(offsets, begin)
        piece = known[place - 1] if place else {}
        gradient, basis = _read_number(piece, "gradient_permille"), "known"
        if gradient is None:
            sign = wave[bisect_right(slopes, begin) - 1][1]
            gradient, basis = _assume_gradient(ruling, share, sign), "assumed"
        limits = [piece] + [r for r in restrictions if _covers(r, begin)]
        limit = _find_least(_read_number(each, "speed_limit_kmh") for each in limits)
        after = _Piece(begin, end, gradient, basis, limit, _read_number(piece, "curve_radius_m"))
        # Joined where nothing but the offset changes.
        if pieces and pieces[-1][2:] == after[2:]:
            pieces[-1] = pieces[-1]._replace(to_m=end)
        else:
            pieces.append(after)
    return pieces


def _assume_gradient(ruling: float | None, share: float, sign: int) -> float | None:
    """Gradient of one slope of the assumed hills; None when the ruling gradient is missing."""
    if not share:
        return 0.0
    return None if ruling is None else sign * share * ruling


def _covers(restriction: Row, offset_m: float) -> bool:
    """Whether a restriction holds from an offset on."""
    begin, end = (float(restriction[f"{end}_offset_m"]) for end in ("from", "to"))
    return begin <= offset_m < end


def _clip(pieces: list[_Piece], stretch: _Stretch) -> list[_Piece]:
    """Pieces inside a stretch, in the order and with the signs of running."""
    low, high = sorted((stretch.from_m, stretch.to_m))
    inside = [
        piece._replace(from_m=max(piece.from_m, low), to_m=min(piece.to_m, high))
        for piece in pieces
        if min(piece.to_m, high) > max(piece.from_m, low)
    ]
    return inside if stretch.step.is_forward else inside[::-1]


def _find_faults(section_id: str, piece: _Piece, limit_kmh: float | None) -> list[Fault]:
    """What is missing for the profile of a piece."""
    faults = []
    if _find_least((limit_kmh, piece.speed_limit_kmh)) is None:
        faults.append(
            Fault(
                cause=f"The speed limit of section {section_id} is unknown.",
                cure="State it in sections, or give profile pieces over the whole section.",
                file="tables/sections.csv",
            )
        )
    if piece.gradient_permille is None:
        faults.append(
            Fault(
                cause=f"The ruling gradient of section {section_id} is unknown.",
                cure="State it, or set gradient_assumption to level in study.toml.",
                file="tables/sections.csv",
                column="ruling_gradient_permille",
            )
        )
    return faults


def _make_row(
    stretch: _Stretch,
    row: Row,
    piece: _Piece,
    limit_kmh: float | None,
    position_m: float,
    *,
    is_freight: bool,
) -> Row:
    """Row of the profile for one piece."""
    sign = 1 if stretch.step.is_forward else -1
    gradient = piece.gradient_permille
    return {
        "position_m": position_m,
        "length_m": piece.to_m - piece.from_m,
        # Adding 0.0 turns the -0.0 of a level piece run backward into 0.0.
        "gradient_permille": None if gradient is None else sign * gradient + 0.0,
        "gradient_bound_permille": _read_number(row, "ruling_gradient_permille"),
        "gradient_basis": piece.basis,
        "speed_limit_kmh": _find_least((limit_kmh, piece.speed_limit_kmh)),
        "curve_radius_m": piece.curve_radius_m,
        "electrification": stretch.step.section.electrification,
        "section_id": stretch.step.section.section_id,
        "typical_speed_kmh": _read_number(
            row, f"typical_{'freight' if is_freight else 'passenger'}_speed_kmh"
        ),
    }


def _read_number(row: Row, column: str) -> float | None:
    """Number in a cell; None = unknown or no such row."""
    value = row.get(column)
    return None if value is None else float(value)


def _find_least(values: Iterable[float | None]) -> float | None:
    """Least of the values known; None when none is."""
    known = [value for value in values if value is not None]
    return min(known) if known else None
