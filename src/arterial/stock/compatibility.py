"""Whether a coach can run on each section of its way and beside the vehicles of its hosts.

Main function `check_compatibility`. A value that is missing gives ``unknown`` with the name of
the field, never ``ok``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.stock.rules import (
    SECTION_RULES,
    TRAIN_RULES,
    Finding,
    Row,
    Surroundings,
    Verdict,
    read_list,
)
from arterial.study import conform_table, empty_table
from arterial.study.defaults import UNSURE

__all__ = ["check_compatibility", "get_grade", "list_reported_calendars"]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a coach is checked against: one section or one train."""

    kind: str
    subject_id: str
    row: Row


def check_compatibility(tables: Mapping[str, pl.DataFrame], ways: pl.DataFrame) -> pl.DataFrame:
    """Each coach service checked against the sections of its way and its host trains.

    On sections: gauge, loading gauge, axle load, speed. Beside trains: coupler, brake, heating,
    speed. The rules stand in `arterial.stock.rules`.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``coach_services``, ``vehicle_types``, ``sections``, ``trains`` and, where
        present, ``change_points`` and ``calendar_rules``.
    ways : polars.DataFrame
        The way of each service, point by point in order, over all its legs: ``service_id``,
        ``train_id`` of the host, ``point_id``, and ``section_id`` that leads to the point (null
        where a leg begins).

    Returns
    -------
    polars.DataFrame
        Table ``compatibility_checks``: one row for each service, section or train, and attribute.
    """
    vehicles = _index(tables, "vehicle_types", "vehicle_type_id")
    sections = _index(tables, "sections", "section_id")
    trains = _index(tables, "trains", "train_id")
    services = _index(tables, "coach_services", "service_id")
    changes = _read(tables, "change_points").filter(pl.col("kind") == "gauge").to_dicts()
    reported = list_reported_calendars(tables)
    rows: list[Row] = []
    for service_id in ways["service_id"].unique(maintain_order=True).to_list():
        way = ways.filter(pl.col("service_id") == service_id)
        type_id = str(services.get(service_id, {}).get("vehicle_type_id") or "")
        coach = vehicles.get(type_id, {})
        passed = set(way["point_id"].to_list())
        around = Surroundings(
            gauge_changes=tuple(change for change in changes if change["point_id"] in passed),
            common_gauges=_find_common_gauges(way["section_id"], sections),
        )
        for subject in (
            *_list_subjects("section", way["section_id"], sections),
            *_list_subjects("train", way["train_id"], trains),
        ):
            rules = SECTION_RULES if subject.kind == "section" else TRAIN_RULES
            rows += [
                _make_row(service_id, subject, attribute, rule(coach, subject.row, around))
                for attribute, rule in rules.items()
            ]
    if not rows:
        return empty_table("compatibility_checks")
    _soften_contradicted(rows, services, vehicles, {"section": sections, "train": trains}, reported)
    return conform_table("compatibility_checks", pl.DataFrame(rows, infer_schema_length=None))


def list_reported_calendars(tables: Mapping[str, pl.DataFrame]) -> frozenset[str]:
    """Calendars of which a source reports a day as really run."""
    rules = _read(tables, "calendar_rules").filter("reported")
    effects = rules.filter(~pl.col("effect").is_in(["does_not_run", "suspended"]))
    return frozenset(effects["calendar_id"].to_list())


def get_grade(row: Row, attribute: str) -> str | None:
    """How sure the value of an attribute is: by its own grade, else by that of its row."""
    return str(row.get(f"{attribute}_grade") or row.get("grade") or "") or None


CONTRADICTED: Final = (
    " A coach of the type is reported to have run so: the value of the {kind} ({grade}) or of the "
    "coach ({own}) is wrong."
)


def _soften_contradicted(
    rows: list[Row],
    services: Mapping[str, Row],
    vehicles: Mapping[str, Row],
    subjects: Mapping[str, Mapping[str, Row]],
    reported: frozenset[str],
) -> None:
    """Take what an unsure value bars, but a coach of the type is reported to have done, as told.

    The rows are changed: the verdict becomes ``warn``.
    """
    types = {name: str(row.get("vehicle_type_id") or "") for name, row in services.items()}

    def name_key(row: Row) -> tuple[object, ...]:
        own = types.get(str(row["service_id"]), "")
        return (own, row["subject_kind"], row["subject_id"], row["attribute"])

    barred = [row for row in rows if row["verdict"] == Verdict.BLOCK.value]
    seen = {
        name_key(row)
        for row in barred
        if services.get(str(row["service_id"]), {}).get("calendar_id") in reported
    }
    for row in barred:
        own = get_grade(vehicles.get(types.get(str(row["service_id"]), ""), {}), "")
        subject = subjects[str(row["subject_kind"])].get(str(row["subject_id"]), {})
        grade = get_grade(subject, str(row["attribute"]))
        if name_key(row) in seen and {own, grade} & {*UNSURE}:
            row["verdict"] = Verdict.WARN.value
            words = {"kind": row["subject_kind"], "grade": grade or "no grade"}
            row["explanation"] = f"{row['explanation']}" + CONTRADICTED.format(
                **words, own=own or "no grade"
            )


Rule = Callable[[Row, Row, Surroundings], Finding]


def _read(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """Table of that name, empty with the schema's columns when the study has none."""
    return tables[name] if name in tables else empty_table(name)


def _index(tables: Mapping[str, pl.DataFrame], name: str, key: str) -> dict[str, Row]:
    """Rows of a table by key."""
    return {str(row[key]): row for row in _read(tables, name).iter_rows(named=True)}


def _list_subjects(kind: str, ids: pl.Series, rows: Mapping[str, Row]) -> list[_Subject]:
    """Each section or train met, once, in order of meeting."""
    met = ids.drop_nulls().unique(maintain_order=True).to_list()
    return [_Subject(kind, name, rows.get(name, {})) for name in met]


def _find_common_gauges(ids: pl.Series, sections: Mapping[str, Row]) -> frozenset[str]:
    """Gauges that every section of a way has."""
    met = ids.drop_nulls().unique().to_list()
    gauges = [set(read_list(sections.get(name, {}), "gauges_mm")) for name in met]
    return frozenset(set.intersection(*gauges)) if gauges else frozenset()


def _make_row(service_id: str, subject: _Subject, attribute: str, finding: Finding) -> Row:
    """Row of the result for one finding."""
    return {
        "service_id": service_id,
        "subject_kind": subject.kind,
        "subject_id": subject.subject_id,
        "attribute": attribute,
        "verdict": finding.verdict.value,
        "coach_value": finding.coach_value,
        "other_value": finding.other_value,
        "explanation": finding.explanation,
    }
