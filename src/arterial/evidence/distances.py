"""Published distances and runs checked against routes and calibrated running times."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from arterial.evidence.statement_verdicts import (
    Row,
    StatementCheck,
    StatementKind,
    StatementVerdict,
    name_point,
    name_route,
    read_number,
    read_table,
    read_text,
)

__all__ = ["check_distances", "check_runs"]

LENGTH_TOLERANCE: Final = 0.005
"""Share of a length by which published lengths of one route differ among themselves [1].

An assumption: the lengths published for Pyongyang-Moscow, 10,267 and 10,272 km, and those summed
from sections, 10,254 to 10,295 km, lie within 0.4 per cent.
"""

RUN_TOLERANCE: Final = 0.05
"""Share of a run by which a figure without a range may be off and still agree [1]; assumption."""


def check_distances(
    tables: Mapping[str, pl.DataFrame], service_lengths: pl.DataFrame
) -> list[StatementCheck]:
    """Published distance of each service against the routes that it may take.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study table ``coach_services``.
    service_lengths : polars.DataFrame
        ``service_id``, ``route_id``, ``distance_km`` and ``distance_error_km`` of every route that
        the service may take, the main one first.

    Returns
    -------
    list of StatementCheck
        One for each service with a published distance, named ``distance:<service>``. It holds when
        one of the routes agrees within its stated error, or within half a per cent; it is
        contradicted only when every route states its error.
    """
    services = read_table(tables, "coach_services").drop_nulls("published_distance_km")
    checks = []
    for row in services.iter_rows(named=True):
        lengths = service_lengths.filter(pl.col("service_id") == row["service_id"])
        checks.append(_check_distance(tables, row, lengths.to_dicts()))
    return checks


def _check_distance(
    tables: Mapping[str, pl.DataFrame], row: Row, lengths: Sequence[Row]
) -> StatementCheck:
    """One published distance against the lengths of routes."""
    stated_km = read_number(row, "published_distance_km") or 0.0
    parts, agree, is_error_known = [], [], True
    for length in lengths:
        distance_km = read_number(length, "distance_km") or 0.0
        error_km = read_number(length, "distance_error_km")
        allowed_km = max(error_km or 0.0, LENGTH_TOLERANCE * distance_km)
        excess_km = stated_km - distance_km
        agree.append(abs(excess_km) <= allowed_km)
        is_error_known &= error_km is not None
        error = "error unknown" if error_km is None else f"error {error_km:.0f} km"
        name = name_route(tables, length["route_id"])
        parts.append(
            f"{name}: {distance_km:.0f} km ({error}), stated {excess_km:+.0f} km "
            f"= {100 * excess_km / distance_km:+.2f} %, allowed {allowed_km:.0f} km"
        )
    verdict = StatementVerdict.CANNOT_TELL
    if any(agree):
        verdict = StatementVerdict.HOLDS
    elif lengths and is_error_known:
        verdict = StatementVerdict.CONTRADICTED
    return StatementCheck(
        statement_id=f"distance:{row['service_id']}",
        kind=StatementKind.DISTANCE,
        subject=f"{read_text(row, 'name')}, distance",
        stated=f"{stated_km:g} km",
        computed=", ".join(f"{read_number(length, 'distance_km'):.0f} km" for length in lengths)
        or "unknown",
        verdict=verdict,
        calculation="; ".join(parts) or "No route of this service is known.",
        row=row,
    )


def check_runs(tables: Mapping[str, pl.DataFrame], run_times: pl.DataFrame) -> list[StatementCheck]:
    """Published runs against the calibrated running times, stops included.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``published_runs`` and ``operational_points``.
    run_times : polars.DataFrame
        ``run_id``, ``low_h``, ``best_h`` and ``high_h`` as the model gives them [h].

    Returns
    -------
    list of StatementCheck
        One for each row. A run that times were fitted to is never said to hold: it agrees because
        it was made to. A run of other years than those that times were fitted to in its countries
        is never contradicted: the timetable may have changed.
    """
    computed = {row["run_id"]: row for row in run_times.iter_rows(named=True)}
    rows = read_table(tables, "published_runs").to_dicts()
    points = read_table(tables, "operational_points")
    countries = dict(points.select("point_id", "country").rows())
    checks = []
    for row in rows:
        fitted = [
            read_text(other, "as_of")
            for other in rows
            if other["used_for"] == "calibration"
            and _list_countries(other, countries) == _list_countries(row, countries)
        ]
        checks.append(_check_run(tables, row, computed.get(row["run_id"]), fitted))
    return checks


def _list_countries(row: Row, countries: Mapping[str, str]) -> set[str | None]:
    """Countries of the ends of a run."""
    return {countries.get(read_text(row, end)) for end in ("from_point", "to_point")}


def _is_of_other_years(row: Row, fitted: Sequence[str]) -> bool:
    """Whether a run is dated outside all the years that times were fitted to."""
    own = _read_years(read_text(row, "as_of"))
    others = [years for text in fitted if (years := _read_years(text))]
    return bool(own and others) and all(
        min(own) > max(years) or max(own) < min(years) for years in others
    )


def _read_years(text: str) -> list[int]:
    """Years named in a text such as ``2020-2024`` or ``2008-09``."""
    return [int(year) for year in re.findall(r"\b(?:18|19|20)\d\d\b", text)]


def _check_run(
    tables: Mapping[str, pl.DataFrame], row: Row, times: Row | None, fitted: Sequence[str]
) -> StatementCheck:
    """One published run."""
    stated_h = read_number(row, "duration_h") or 0.0
    low_h, high_h = read_number(row, "duration_low_h"), read_number(row, "duration_high_h")
    low_h = stated_h * (1 - RUN_TOLERANCE) if low_h is None else low_h
    high_h = stated_h * (1 + RUN_TOLERANCE) if high_h is None else high_h
    names = " - ".join(name_point(tables, row[end]) for end in ("from_point", "to_point"))
    verdict, computed, calculation = StatementVerdict.CANNOT_TELL, "unknown", "Not computed."
    if times is not None:
        model = [read_number(times, column) or 0.0 for column in ("low_h", "best_h", "high_h")]
        computed = f"{model[1]:.1f} h ({model[0]:.1f} to {model[2]:.1f})"
        calculation = (
            f"Stated {stated_h:.1f} h, taken as {low_h:.1f} to {high_h:.1f} h; "
            f"computed {computed}; "
            f"best {100 * (model[1] / stated_h - 1):+.1f} %."
        )
        meets = low_h <= model[2] and model[0] <= high_h
        verdict = StatementVerdict.HOLDS if meets else StatementVerdict.CONTRADICTED
        if _is_of_other_years(row, fitted):
            calculation += f" Stated for {row['as_of']}; times are fitted to {', '.join(fitted)}."
            verdict = verdict if meets else StatementVerdict.CANNOT_TELL
    if row["used_for"] == "calibration":
        verdict = StatementVerdict.CANNOT_TELL
        calculation += " The times were fitted to this run, so it cannot test them."
    train = f", train {row['train_id']}" if row["train_id"] is not None else ""
    basis = f" ({row['basis']}, {row['as_of']})" if row["as_of"] is not None else ""
    return StatementCheck(
        statement_id=read_text(row, "run_id"),
        kind=StatementKind.RUN,
        subject=f"{names}{train}{basis}",
        stated=f"{stated_h:.1f} h",
        computed=computed,
        verdict=verdict,
        calculation=calculation,
        row=row,
    )
