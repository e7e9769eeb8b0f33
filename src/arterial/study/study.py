"""The study in memory: settings and input tables, never changed in place.

The main class is `Study`; a variant is made by `Study.with_tables` or `Study.with_settings`.
"""

import hashlib
import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

import polars as pl

from arterial.errors import Fault, StudyError, UsageError
from arterial.study.csvtext import format_table
from arterial.study.faults import find_near_names
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settings import Settings
from arterial.study.tables import conform_table, empty_table
from arterial.version import __version__

__all__ = [
    "CAMPAIGN_TABLES",
    "COACH_TABLES",
    "PATH_TABLES",
    "PLANNING_TABLES",
    "RUN_TABLES",
    "Study",
    "make_stamp",
    "require_day",
    "require_run_tables",
    "require_tables",
]

RUN_TABLES: Final = ("operational_points", "calendar_rules", "trains", "train_stops")
COACH_TABLES: Final = (
    "sections",
    "vehicle_types",
    "formations",
    "formation_vehicles",
    "traction_assignments",
    "coach_legs",
)
"""What through coaches need besides; trains alone are a study too."""

PLANNING_TABLES: Final = (*RUN_TABLES, "sections")
PATH_TABLES: Final = ("operational_points", "sections")
CAMPAIGN_TABLES: Final = ("sections", "line_points", "operational_points", "work_kinds")

LONGEST_TITLE: Final = 200


@dataclass(frozen=True)
class Study:
    """A study: settings and input tables, checked.

    Parameters
    ----------
    path : Path
        Folder that the study was read from.
    settings : Settings
        The file ``study.toml``.
    tables : mapping of str to polars.DataFrame
        Every input table by name; one that is not in the folder has no rows.
    warnings : tuple of Fault
        What reading found that does not keep the study from being used.
    """

    path: Path
    settings: Settings
    tables: Mapping[str, pl.DataFrame]
    warnings: tuple[Fault, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Complete the tables, so that every input table is there."""
        complete = {
            name: self.tables[name] if name in self.tables else empty_table(name)
            for name in list_tables(TableRole.INPUT)
        }
        object.__setattr__(self, "tables", MappingProxyType(complete))

    def __reduce__(self) -> tuple[object, ...]:
        """Let a study travel to another process."""
        return (Study, (self.path, self.settings, dict(self.tables), self.warnings))

    def _repr_html_(self) -> str:
        """Show in a notebook what the study is of: its horizon and the rows of its tables."""
        settings = self.settings
        filled = {name: frame.height for name, frame in self.tables.items() if frame.height}
        rows = ", ".join(f"{count:,} {name}".replace(",", " ") for name, count in filled.items())
        horizon = f"{settings.horizon_from} to {settings.horizon_to}"
        lines = (
            f"<b>{html.escape(settings.title[:LONGEST_TITLE])}</b>",
            f"Departures from {horizon}, evidence as of {settings.as_of}.",
            f"Rows: {rows}." if rows else "No table has rows.",
            f"Warnings: {len(self.warnings)}." if self.warnings else "",
        )
        return f"<div>{''.join(f'<p>{line}</p>' for line in lines if line)}</div>"

    def table(self, name: str) -> pl.DataFrame:
        """Give an input table by name.

        Raises
        ------
        StudyError
            When there is no such input table; near names are given.
        """
        if name in self.tables:
            return self.tables[name]
        near = find_near_names(name, self.tables)
        fault = Fault(f"There is no input table {name!r}.", "Use a table of the schema.", near=near)
        message = "A table was asked for that does not exist"
        raise StudyError(message, [fault])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all inputs [64 hexadecimal digits], the same for the same content.

        Neither the folder, nor the order of columns, nor the way of writing a number matters;
        the order of rows does.
        """
        digest = hashlib.sha256(self.settings.model_dump_json().encode())
        for name, frame in sorted(self.tables.items()):
            if frame.height:
                text = format_table(load_schema(name).columns, frame)
                digest.update(f"\0{name}\0{text}".encode())
        return digest.hexdigest()

    def with_tables(self, **frames: pl.DataFrame) -> Self:
        """Give a variant with other tables in place of the study's own.

        Parameters
        ----------
        **frames : polars.DataFrame
            New tables by name, brought into the columns of their schema; optional columns may be
            left out.

        Raises
        ------
        LimitError
            When a table or column does not exist, or a value does not fit.
        """
        conformed = {
            name: conform_table(name, frame, fill_missing=True) for name, frame in frames.items()
        }
        for name in conformed:
            self.table(name)
        return replace(self, tables={**self.tables, **conformed})

    def with_settings(self, settings: Settings) -> Self:
        """Give a variant with other settings."""
        return replace(self, settings=settings)


def require_tables(study: Study, *names: str, purpose: str = "This analysis") -> None:
    """Refuse to go on unless each of the tables has rows.

    Parameters
    ----------
    study : Study
        The study, which may be partial.
    *names : str
        Input tables that are needed.
    purpose : str
        What needs them, for the message.

    Raises
    ------
    StudyError
        One fault for each table without rows.
    """
    missing = [name for name in names if study.table(name).is_empty()]
    if missing:
        message = f"{purpose} needs tables that the study does not have: {', '.join(missing)}"
        raise StudyError(message, _missing_faults(missing))


def require_run_tables(study: Study) -> None:
    """Refuse a study without trains, or with coaches that lack what their trains need.

    Raises
    ------
    StudyError
        One fault for each table without rows.
    """
    require_tables(study, *RUN_TABLES, purpose="Resolving a timetable")
    if not study.tables["coach_services"].is_empty():
        require_tables(study, *COACH_TABLES, purpose="Resolving through coaches")


def require_day(study: Study, day: date) -> None:
    """Refuse a day outside the horizon of a study.

    Raises
    ------
    LimitError
        With the horizon.
    """
    settings = study.settings
    if not settings.horizon_from <= day <= settings.horizon_to:
        message = (
            f"{day} lies outside the horizon of the study, {settings.horizon_from} to "
            f"{settings.horizon_to}. Give a day inside, or change study.toml."
        )
        raise UsageError(message)


def make_stamp(study: Study, run_id: str) -> dict[str, str]:
    """What identifies a run."""
    return {
        "run": run_id,
        "study": study.settings.name,
        "title": study.settings.title,
        "digest": study.digest,
        "arterial": __version__,
        "as_of": study.settings.as_of.isoformat(),
        "horizon": f"{study.settings.horizon_from} to {study.settings.horizon_to}",
        "seed": str(study.settings.seed),
    }


def _missing_faults(names: Iterable[str]) -> list[Fault]:
    return [
        Fault(f"Table {name} has no rows.", f"Fill it: {schema.description}", schema.file)
        for name in names
        for schema in [load_schema(name)]
    ]
