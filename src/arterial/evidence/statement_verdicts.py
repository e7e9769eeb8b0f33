"""The result of holding one statement against the model, and its row in a table."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from arterial.study import conform_table, empty_table, join_list

__all__ = [
    "Row",
    "StatementCheck",
    "StatementKind",
    "StatementVerdict",
    "make_table",
    "name_line",
    "name_point",
    "name_route",
    "name_service",
    "name_train",
    "read_date",
    "read_number",
    "read_table",
    "read_text",
]

Row = Mapping[str, object]


class StatementKind(StrEnum):
    """What a statement says something about."""

    DURATION = "duration"
    ARRIVAL_DAY = "arrival_day"
    EVENT_TIME = "event_time"
    PLACE = "place"
    FREQUENCY = "frequency"
    DISTANCE = "distance"
    RUN = "run"


class StatementVerdict(StrEnum):
    """How a statement stands against the model."""

    HOLDS = "holds"
    CONTRADICTED = "contradicted"
    ONLY_IF_ZONES_IGNORED = "only_if_zones_ignored"
    SIMPLIFIED = "simplified"
    AMBIGUOUS = "ambiguous"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCheck:
    """One statement checked against the model.

    Parameters
    ----------
    statement_id : str
        Statement.
    kind : StatementKind
        What it speaks about.
    subject, stated, computed : str
        What it speaks of, what it says and what the model gives, in words.
    verdict : StatementVerdict
        How it stands.
    calculation : str
        The calculation, step by step.
    row : mapping
        Row of the statement, for its claim and source.
    conflicts_with : tuple of str
        Other statements that cannot hold beside it.
    """

    statement_id: str
    kind: StatementKind
    subject: str
    stated: str
    computed: str
    verdict: StatementVerdict
    calculation: str
    row: Row
    conflicts_with: tuple[str, ...] = ()


def make_table(checks: Iterable[StatementCheck]) -> pl.DataFrame:
    """Table ``statement_checks`` from the checks, in their order."""
    rows = [
        {
            "statement_id": check.statement_id,
            "kind": check.kind.value,
            "subject": check.subject,
            "stated": check.stated,
            "computed": check.computed,
            "verdict": check.verdict.value,
            "calculation": check.calculation,
            "conflicts_with": join_list(check.conflicts_with),
            "claim_id": check.row.get("claim_id"),
            "source_id": check.row.get("source_id"),
        }
        for check in checks
    ]
    if not rows:
        return empty_table("statement_checks")
    return conform_table("statement_checks", pl.DataFrame(rows, infer_schema_length=None))


def read_table(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """Table of that name, empty with the schema's columns when there is none."""
    return tables[name] if name in tables else empty_table(name)


def read_number(row: Row, column: str) -> float | None:
    """Number in a cell; None = unknown."""
    value = row.get(column)
    return None if value is None else float(str(value))


def read_text(row: Row, column: str) -> str:
    """Text in a cell; empty = unknown."""
    value = row.get(column)
    return "" if value is None else str(value)


def read_date(row: Row, column: str) -> dt.date | None:
    """Date in a cell; None = unknown."""
    value = row.get(column)
    return value if isinstance(value, dt.date) else None


def name_point(tables: Mapping[str, pl.DataFrame], point_id: object) -> str:
    """Name of a point, or its id where it has none."""
    return _name(tables, "operational_points", "point_id", point_id)


def name_service(tables: Mapping[str, pl.DataFrame], service_id: object) -> str:
    """Name of a through coach, or its id where it has none."""
    return _name(tables, "coach_services", "service_id", service_id)


def name_route(tables: Mapping[str, pl.DataFrame], route_id: object) -> str:
    """Name of a route, or its id where it has none."""
    return _name(tables, "routes", "route_id", route_id)


def name_line(tables: Mapping[str, pl.DataFrame], line_id: object) -> str:
    """Name of a line, or its id where it has none."""
    return _name(tables, "lines", "line_id", line_id)


def name_train(tables: Mapping[str, pl.DataFrame], train_id: object) -> str:
    """Number of a train, or its id where it has none."""
    return _name(tables, "trains", "train_id", train_id, column="number")


def _name(
    tables: Mapping[str, pl.DataFrame], table: str, key: str, value: object, *, column: str = "name"
) -> str:
    """Cell of the row with that key, or the key itself."""
    rows = read_table(tables, table)
    if not {key, column} <= set(rows.columns):
        return str(value)
    found = rows.filter(pl.col(key) == str(value))[column].drop_nulls().to_list()
    return str(found[0]) if found else str(value)
