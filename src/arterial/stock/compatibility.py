"""Whether a coach can run on each section of its way and beside the vehicles of its hosts.

Main function `check_compatibility`. A value that is missing gives ``unknown`` with the name of
the field, never ``ok``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from arterial.stock.rules import SECTION_RULES, TRAIN_RULES, Finding, Row, Surroundings, read_list
from arterial.study import conform_table, empty_table

__all__ = ["check_compatibility"]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a coach is checked against: one section or one train."""

    kind: str
    subject_id: str
    row: Row


def check_compatibility(tables: Mapping[str, pl.DataFrame], ways: pl.DataFrame) -> pl.DataFrame:
    """Each coach service checked against the sections of its way and its host trains.

    On sections: gauge, loading gauge, axle load, speed. Beside trains: coupler, brake, heating,
    speed. The rules stand in `arterial.stock.rules` and `arterial.stock.rules`.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``coach_services``, ``vehicle_types``, ``sections``, ``trains`` and, where
        present, ``change_points``.
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
    return conform_table("compatibility_checks", pl.DataFrame(rows, infer_schema_length=None))


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
