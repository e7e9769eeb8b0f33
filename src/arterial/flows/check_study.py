"""Check of a study: the faults of its tables, and what a run would refuse or not find.

Main function: :func:`check_study`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from arterial.errors import ArterialError, Fault, StudyError
from arterial.evidence.as_known import take_as_known
from arterial.evidence.assumptions import MODEL_TABLES
from arterial.evidence.gate import check_evidence
from arterial.flows.check_ready import NO_DEPARTURE, find_refusals, list_lacks
from arterial.flows.check_times import check_times
from arterial.network import Network, build_network
from arterial.running.hauling import make_hauling
from arterial.running.train_runs import find_train_route, time_train
from arterial.study import Study, apply_defaults
from arterial.study.alternatives import list_options, take_option
from arterial.study.checks.keys import cite_origins
from arterial.study.faults import WARNING, limit_faults
from arterial.study.paces import expand_paces
from arterial.study.reader import read_inputs
from arterial.study.records import CheckedTables
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.study import require_run_tables
from arterial.timetable.paths.barred_trains import (
    UNFIT_CURE,
    Misfit,
    find_unfit_trains,
)
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars

__all__ = ["check_readiness", "check_study"]

TIMETABLE_TABLES: Final = ("calendar_rules", "trains", "train_stops", "coach_services")
"""Tables of which one that is there says that a timetable is meant."""


def check_study(path: str | Path) -> tuple[Fault, ...]:
    """List every fault of a study folder, those that a run would meet among them.

    Parameters
    ----------
    path : str or Path
        Folder of the study.

    Returns
    -------
    tuple of Fault
        Faults of the tables; where these have no errors, also services without a departure in the
        horizon, host trains that cannot be run over the network, and times that lengths and limits
        forbid.
    """
    return check_readiness(path)[0]


def check_readiness(
    path: str | Path, *, as_known: date | None = None
) -> tuple[tuple[Fault, ...], dict[str, tuple[str, ...]]]:
    """List every fault of a study folder, and what each analysis lacks.

    Parameters
    ----------
    path : str or Path
        Folder of the study.
    as_known : datetime.date, optional
        What was published or read later is left out; one note says what that was.

    Returns
    -------
    faults : tuple of Fault
        As of :func:`check_study`.
    lacks : dict of str to tuple of str
        Tables by command, none where the study is ready for it; empty where it cannot be read.
    """
    try:
        inputs = read_inputs(path)
    except StudyError as error:
        return tuple(error.faults), {}
    study = Study(Path(path), inputs.settings, expand_paces(inputs.tables.frames), inputs.warnings)
    faults = [*study.warnings, *_find_missing_tables(study), *_find_unsourced_rows(inputs.tables)]
    faults += check_evidence(inputs.tables)
    if as_known is not None:
        known = take_as_known(study, as_known)
        study = known.study
        faults.append(
            Fault(known.describe(), "Nothing is to be done.", "claims.csv", severity=WARNING)
        )
    faults += _find_idle_services(study)
    tables = {name: apply_defaults(study, name) for name in study.tables}
    if not tables["sections"].is_empty():
        faults += _check_over_network(study, inputs.tables, tables)
    faults += _find_broken_options(study)
    return tuple(cite_origins(inputs.tables, faults)), list_lacks(study, faults)


def _find_broken_options(study: Study) -> Iterator[Fault]:
    """What keeps rival structures from being taken."""
    try:
        for option in list_options(study):
            take_option(study, option)
    except StudyError as error:
        yield from error.faults


def _check_over_network(
    study: Study, rows: CheckedTables, tables: Mapping[str, pl.DataFrame]
) -> list[Fault]:
    """Faults that show only where sections are joined: ways, times and what is laid on them."""
    try:
        network = build_network(tables)
    except StudyError as error:
        return list(error.faults)
    faults: list[Fault] = []
    passed: set[str] = set()
    if not tables["train_stops"].is_empty():
        faults += _find_hosts_that_cannot_run(study, rows, network, tables, passed)
        faults += _find_unfit_trains(rows, network, tables)
        faults += limit_faults(check_times(study, rows, network, tables))
    known = {(fault.file, fault.cause) for fault in faults}
    refusals = find_refusals(study, network, tables, frozenset(passed))
    return faults + [fault for fault in refusals if (fault.file, fault.cause) not in known]


def _find_missing_tables(study: Study) -> Iterator[Fault]:
    """Tables without rows that a run refuses, where some of a timetable are there, or none is."""
    models = [name for name in list_tables(TableRole.INPUT) if load_schema(name).folder]
    if all(study.table(name).is_empty() for name in models):
        cause = "The study has no tables that describe a railway."
        cure = "Write at least one table into the folder tables; `arterial new` makes a study."
        yield Fault(cause, cure, "tables")
        return
    begun = [name for name in TIMETABLE_TABLES if (study.path / load_schema(name).file).is_file()]
    if not begun:
        return
    try:
        require_run_tables(study)
    except StudyError as error:
        for fault in error.faults:
            is_there = (study.path / fault.file).is_file()
            cause = f"{fault.cause[:-1]}: nothing runs." if is_there else fault.cause
            yield replace(fault, cause=cause)


def _find_unsourced_rows(tables: CheckedTables) -> Iterator[Fault]:
    """Rows that say neither where they were read nor how sure they are, in one warning."""
    bare = {
        table: rows
        for table in MODEL_TABLES
        if (rows := _list_bare_rows(tables.frames[table], tables.rows[table]))
    }
    if not bare:
        return
    counts = ", ".join(f"{len(rows)} of {table}" for table, rows in bare.items())
    cause = (
        f"{sum(map(len, bare.values()))} rows have neither source nor grade nor note and count as "
        f"unsourced: {counts}."
    )
    cure = "Name a source of sources.csv in source_id, or a grade such as assumption."
    table, rows = next(iter(bare.items()))
    yield Fault(cause, cure, load_schema(table).file, rows[0], "source_id", (), WARNING)


def _list_bare_rows(frame: pl.DataFrame, lines: Sequence[int]) -> list[int]:
    """Lines of the rows with no source, no grade and no note."""
    grades = [name for name in frame.columns if name.endswith("grade")]
    if frame.is_empty() or "source_id" not in frame.columns or not grades:
        return []
    names = [name for name in ("source_id", "note", *grades) if name in frame.columns]
    bare = frame.select(pl.all_horizontal(pl.col(names).is_null())).to_series()
    return [line for line, is_bare in zip(lines, bare, strict=True) if is_bare]


def _find_idle_services(study: Study) -> Iterator[Fault]:
    """Services whose calendars have no day in the horizon: a run would judge nothing."""
    settings = study.settings
    ends = (settings.horizon_from, settings.horizon_to)
    calendars = resolve_calendars(study.table("calendar_rules"), *ends)
    for row, service in enumerate(study.table("coach_services").iter_rows(named=True), 2):
        days = list_calendar_days(calendars.get(service["calendar_id"], {}))
        if any(ends[0] <= day <= ends[1] for day in days):
            continue
        cause = (
            f"The calendar {service['calendar_id']} of {service['service_id']} has no day from "
            f"{ends[0]} to {ends[1]}: {NO_DEPARTURE}."
        )
        cure = "Extend its rules in calendar_rules, or move horizon_from and horizon_to."
        yield Fault(
            cause, cure, "tables/coach_services.csv", row, "calendar_id", (), severity=WARNING
        )


def _find_hosts_that_cannot_run(
    study: Study,
    rows: CheckedTables,
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    passed: set[str],
) -> Iterator[Fault]:
    """Host trains that a run refuses, each run alone, and those that what is known stops.

    The sections that they run over are added to those `passed`.
    """
    hosts = set(tables["coach_legs"]["train_id"].to_list())
    records = rows.index("trains", "train_id")
    haul = make_hauling(tables, study.settings.running)
    for train in tables["trains"].iter_rows(named=True):
        name, record = train["train_id"], records.get(train["train_id"])
        if name not in hosts or record is None:
            continue
        try:
            way = find_train_route(network, tables, train)
            passed |= set(way.route.section_ids)
            timed = time_train(way, tables, study.settings, haul)
        except ArterialError as error:
            cause = f"The train {name} cannot be run: {error.message}"
            cure = " ".join(str(fault) for fault in error.faults) or "Correct it before a run."
            yield record.fault(cause, cure, "train_id")
            continue
        if timed.too_steep:
            cause = (
                f"The train {name} cannot climb what is known of its way with the locomotives "
                f"stated: {'; '.join(timed.too_steep)} would be needed."
            )
            cure = "State more locomotives or a lighter train, or correct the gradient."
            yield record.fault(cause, cure, "formation_id", severity=WARNING)


def _find_unfit_trains(
    rows: CheckedTables, network: Network, tables: Mapping[str, pl.DataFrame]
) -> tuple[Fault, ...]:
    """Trains whose vehicles or locomotives do not fit their way, and limits a run contradicts."""
    trains, unfit = rows.index("trains", "train_id"), find_unfit_trains(network, tables)
    return limit_faults([
        *(
            trains[train].fault(
                f"The train {train} cannot run over its way. {why}",
                UNFIT_CURE,
                "formation_id",
                severity=WARNING,
            )
            for train, why in unfit.reasons.items()
            if train in trains
        ),
        *(_place_contradiction(rows, one) for one in unfit.contradicted),
    ])  # fmt: skip


def _place_contradiction(rows: CheckedTables, misfit: Misfit) -> Fault:
    """A value that a reported run contradicts, as a warning at the least sure row."""
    table, key, column, _ = misfit.values[0]
    names = [attribute.name for attribute in load_schema(table).attributes if attribute.is_key]
    place = next(
        record
        for record in rows.records(table)
        if key == " ".join(str(record[name] or "passenger") for name in names)
    )
    cure = "Correct the least sure of them, or leave it empty: it stops no train until then."
    return place.fault(misfit.contradiction, cure, column, severity=WARNING)
