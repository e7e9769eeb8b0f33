"""Published places of a hand-over checked against each other, with the grounds for a verdict.

Statements of one group cannot all hold. A place is preferred only when it is at least as good as
every other on every ground that can be compared, and better on one; the grounds are written out.
Otherwise nothing is decided.

What a place costs (:class:`Detour`) is the distance to it and back, in kilometres and hours, on the
chainage of its own line; nothing is compared across two chainage systems.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.clock import CivilTime, elapsed_s
from arterial.errors import LimitError
from arterial.evidence.statement_verdicts import (
    Row,
    StatementCheck,
    StatementKind,
    StatementVerdict,
    name_line,
    name_point,
    name_service,
    name_train,
    read_date,
    read_number,
    read_table,
    read_text,
)
from arterial.units import HOUR_S

__all__ = ["Detour", "check_places"]

RESERVES: Final = (
    "likely",
    "probabl",
    "possibl",
    "perhaps",
    "may ",
    "might",
    "could",
    "presum",
    "apparent",
    "expected",
    "believed",
    "assum",
    "unclear",
)
"""Beginnings of words by which a source holds back."""


@dataclass(frozen=True, slots=True)
class Detour:
    """The way from one place to another and back.

    Parameters
    ----------
    near : str
        The place it is measured from.
    single_km : float
        Distance between the places [km], 0 when the place is no detour.
    line_id : str
        Line in whose chainage it was measured.
    single_h : float or None
        Time for it [h]; None = unknown.
    time_basis : str
        What the time rests on.
    """

    near: str
    single_km: float
    line_id: str
    single_h: float | None
    time_basis: str


@dataclass(frozen=True, slots=True)
class _Option:
    """One place that statements of a group name."""

    point_id: str
    name: str
    rows: tuple[Row, ...]
    detour: Detour | None

    @property
    def is_plain(self) -> bool:
        """Whether at least one statement names it without reserve."""
        return any(not _has_reserve(row) for row in self.rows)

    @property
    def sources_count(self) -> int:
        """Different sources that name it."""
        return len({read_text(row, "source_id") for row in self.rows})

    @property
    def published_on(self) -> dt.date | None:
        """Day of the latest statement; None when none is dated."""
        days = [day for row in self.rows if (day := read_date(row, "published_on")) is not None]
        return max(days) if days else None

    @property
    def statement_ids(self) -> tuple[str, ...]:
        """Its statements."""
        return tuple(read_text(row, "statement_id") for row in self.rows)


Compare = Callable[[_Option, _Option], int]


def _compare_detours(one: _Option, other: _Option) -> int:
    """1 when the first place costs less, -1 when more, 0 when equal or unknown."""
    if one.detour is None or other.detour is None:
        return 0
    return _sign(other.detour.single_km - one.detour.single_km)


def _compare_days(one: _Option, other: _Option) -> int:
    """1 when the first place was published later, -1 when earlier, 0 when equal or unknown."""
    if one.published_on is None or other.published_on is None:
        return 0
    return _sign((one.published_on - other.published_on).days)


def _sign(value: float) -> int:
    """Sign of a number."""
    return (value > 0) - (value < 0)


GROUNDS: Final[Mapping[str, Compare]] = {
    "it is named without reserve": lambda a, b: a.is_plain - b.is_plain,
    "more sources name it": lambda a, b: _sign(a.sources_count - b.sources_count),
    "it was published later": _compare_days,
    "it needs no way on and back": _compare_detours,
}
"""Grounds on which two places are compared, by the words that say so."""

COVER_TOLERANCE: Final = 0.01
"""Share of a span that sections may leave out and still give its time [1]."""


def check_places(tables: Mapping[str, pl.DataFrame]) -> list[StatementCheck]:
    """Every published place of a hand-over against the others of its group.

    Grounds, in words: named without reserve; more sources; published later; no detour. The detour
    is the way on to the place and back, for a coach that reaches the line at the other place.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``published_places``, ``coach_legs``, ``line_points`` and, for hours,
        ``train_stops`` or ``sections``.

    Returns
    -------
    list of StatementCheck
        One for each row.
    """
    places = read_table(tables, "published_places")
    checks: list[StatementCheck] = []
    for group in places["group"].unique(maintain_order=True).to_list():
        rows = places.filter(pl.col("group") == group).to_dicts()
        checks += _check_group(tables, rows)
    return checks


def _find_detour(
    tables: Mapping[str, pl.DataFrame], *, near: str, far: str, towards: str, train_id: str
) -> Detour | None:
    """Way from a near place on to a far one, as seen from where the coach is bound.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``line_points``, ``sections``, ``train_stops`` and ``operational_points``.
    near, far : str
        The two places.
    towards : str
        Place that the coach is bound for, or comes from, on the same line.
    train_id : str
        Train that serves both places.

    Returns
    -------
    Detour or None
        With 0 km when `far` is not farther from `towards` than `near`; None when no line lists
        all three places.
    """
    points = read_table(tables, "line_points")
    for line_id in points["line_id"].unique(maintain_order=True).to_list():
        on_line = points.filter(pl.col("line_id") == line_id)
        locations = dict(on_line.select("point_id", "location_km").rows())
        if {near, far, towards} <= locations.keys():
            extra_km = abs(locations[far] - locations[towards])
            extra_km -= abs(locations[near] - locations[towards])
            break
    else:
        return None
    if extra_km <= 0:
        return Detour(near, 0.0, line_id, 0.0, "no detour")
    hours = _find_train_hours(tables, train_id, near, far)
    if hours is not None:
        return Detour(near, extra_km, line_id, hours, f"the times of train {train_id}")
    return Detour(
        near,
        extra_km,
        line_id,
        _find_typical_hours(tables, line_id, sorted((locations[near], locations[far]))),
        "typical section speeds",
    )


def _check_group(tables: Mapping[str, pl.DataFrame], rows: Sequence[Row]) -> list[StatementCheck]:
    """Statements of one group."""
    point_ids = list(dict.fromkeys(read_text(row, "point_id") for row in rows))
    options = [
        _Option(
            point_id,
            name_point(tables, point_id),
            tuple(row for row in rows if row["point_id"] == point_id),
            _find_cost(tables, rows[0], point_id, point_ids),
        )
        for point_id in point_ids
    ]
    best = next((option for option in options if _is_preferred(option, options)), None)
    checks = []
    for option in options:
        others = [other for other in options if other is not option]
        checks += [_make_check(tables, row, [option, *others], best) for row in option.rows]
    return checks


def _make_check(
    tables: Mapping[str, pl.DataFrame], row: Row, options: list[_Option], best: _Option | None
) -> StatementCheck:
    """Check of one statement; the place that it names comes first among the options."""
    option, *others = options
    if not others:
        verdict, ground = StatementVerdict.CANNOT_TELL, "No other place is stated."
    elif best is None:
        verdict = StatementVerdict.CANNOT_TELL
        ground = "No place is at least as good as the others on every ground, so none is chosen."
    else:
        is_best = option is best
        verdict = StatementVerdict.HOLDS if is_best else StatementVerdict.CONTRADICTED
        rivals = others if is_best else [option]
        grounds = list(dict.fromkeys(g for rival in rivals for g in _list_grounds(best, rival)))
        ground = f"{best.name} is preferred because {'; '.join(grounds)}."
    wording = read_text(row, "wording")
    names = {each.point_id: each.name for each in options}
    return StatementCheck(
        statement_id=read_text(row, "statement_id"),
        kind=StatementKind.PLACE,
        subject=_write_subject(tables, row, list(names)),
        stated=f"{option.name}{f' ({wording})' if wording else ''}",
        computed=best.name if best is not None and others else "not decided",
        verdict=verdict,
        calculation=" ".join([*(_write_option(tables, each, names) for each in options), ground]),
        row=row,
        conflicts_with=tuple(name for other in others for name in other.statement_ids),
    )


def _find_cost(
    tables: Mapping[str, pl.DataFrame], row: Row, point_id: str, point_ids: list[str]
) -> Detour | None:
    """Longest way on from one of the other places, for the leg that the train carries."""
    legs = read_table(tables, "coach_legs").filter(
        (pl.col("service_id") == row["service_id"]) & (pl.col("train_id") == row["train_id"])
    )
    if legs.is_empty():
        return None
    leg = legs.to_dicts()[0]
    # The coach is attached where the leg begins and detached where it ends: look at the far end.
    is_attached = leg["from_point"] in point_ids or leg["to_point"] not in point_ids
    towards = str(leg["to_point"] if is_attached else leg["from_point"])
    detours = [
        _find_detour(
            tables, near=near, far=point_id, towards=towards, train_id=str(row["train_id"])
        )
        for near in point_ids
        if near != point_id
    ]
    known = [detour for detour in detours if detour is not None]
    return max(known, key=lambda detour: detour.single_km, default=None)


def _has_reserve(row: Row) -> bool:
    """Whether a statement is worded with reserve."""
    wording = f"{read_text(row, 'wording').casefold()} "
    return any(reserve in wording for reserve in RESERVES)


def _is_preferred(option: _Option, options: list[_Option]) -> bool:
    """Whether a place is better than every other on some ground and worse on none."""
    others = [other for other in options if other is not option]
    results = [[compare(option, other) for compare in GROUNDS.values()] for other in others]
    return bool(others) and all(min(each) >= 0 and max(each) > 0 for each in results)


def _list_grounds(best: _Option, rival: _Option) -> list[str]:
    """Grounds on which the preferred place beats a rival."""
    return [words for words, compare in GROUNDS.items() if compare(best, rival) > 0]


def _write_subject(tables: Mapping[str, pl.DataFrame], row: Row, point_ids: list[str]) -> str:
    """The hand-over that a group of statements speaks of."""
    service = name_service(tables, row["service_id"])
    train = f"train {name_train(tables, row['train_id'])}"
    legs = read_table(tables, "coach_legs").filter(
        (pl.col("service_id") == row["service_id"]) & (pl.col("train_id") == row["train_id"])
    )
    if legs["from_point"].is_in(point_ids).any():
        return f"{service}, where the coach joins {train}"
    if legs["to_point"].is_in(point_ids).any():
        return f"{service}, where the coach leaves {train}"
    return f"{service}, where the coach joins or leaves {train}"


def _write_option(
    tables: Mapping[str, pl.DataFrame], option: _Option, names: Mapping[str, str]
) -> str:
    """What speaks for a place and what it costs, in one sentence."""
    count, sources = len(option.rows), option.sources_count
    reserve = "" if option.is_plain else ", with reserve"
    day = f", latest on {option.published_on}" if option.published_on else ", undated"
    detour = option.detour
    if detour is None:
        cost = "cost unknown"
    elif not detour.single_km:
        cost = "no detour"
    else:
        hours = detour.single_h
        time = "time unknown" if hours is None else f"{2 * hours:.1f} h by {detour.time_basis}"
        chainage = f"chainage of {name_line(tables, detour.line_id)}"
        cost = (
            f"on from {names[detour.near]} and back 2 x {detour.single_km:.1f} km = "
            f"{2 * detour.single_km:.0f} km ({chainage}), {time}"
        )
    return (
        f"{option.name}: {count} statement{'s' * (count > 1)} of {sources} "
        f"source{'s' * (sources > 1)}{reserve}{day}; {cost}."
    )


def _find_train_hours(
    tables: Mapping[str, pl.DataFrame], train_id: str, near: str, far: str
) -> float | None:
    """Hours between two stops of a train, where both are timed."""
    stops = read_table(tables, "train_stops").filter(pl.col("train_id") == train_id)
    zones = dict(read_table(tables, "operational_points").select("point_id", "zone").rows())
    found = {row["point_id"]: row for row in stops.iter_rows(named=True)}
    if not {near, far} <= found.keys():
        return None
    first, last = sorted((found[near], found[far]), key=lambda row: int(str(row["sequence"])))
    start = _read_face(first, ("departure", "arrival"), zones[first["point_id"]])
    end = _read_face(last, ("arrival", "departure"), zones[last["point_id"]])
    if start is None or end is None:
        return None
    try:
        hours = elapsed_s(start, end) / HOUR_S
    except LimitError:
        return None
    return hours if hours > 0 else None


def _read_face(row: Row, events: tuple[str, str], zone: str) -> CivilTime | None:
    """Clock face of a stop on an arbitrary day of operation; None when it is not timed."""
    for event in events:
        if row.get(event) is not None:
            days = read_number(row, f"{event}_day") or 0
            # Only differences count, so any day without a change of offset near it will do.
            day = dt.date(2025, 6, 1) + dt.timedelta(days=days)
            return CivilTime(day, str(row[event]), zone)
    return None


def _find_typical_hours(
    tables: Mapping[str, pl.DataFrame], line_id: str, span_km: list[float]
) -> float | None:
    """Hours over a span of a line at typical passenger speeds; None when sections leave gaps."""
    points = read_table(tables, "line_points").filter(pl.col("line_id") == line_id)
    locations = dict(points.select("point_id", "location_km").rows())
    covered_km, hours = 0.0, 0.0
    for row in read_table(tables, "sections").iter_rows(named=True):
        ends = [locations.get(row[end]) for end in ("from_point", "to_point")]
        inside = [end for end in ends if end is not None and span_km[0] <= end <= span_km[1]]
        speed_kmh = row["typical_passenger_speed_kmh"]
        if row["line_id"] == line_id and len(inside) == len(ends) and speed_kmh is not None:
            covered_km += abs(inside[1] - inside[0])
            hours += row["length_km"] / speed_kmh
    whole_km = span_km[1] - span_km[0]
    return hours if abs(covered_km - whole_km) <= COVER_TOLERANCE * whole_km else None
