"""All stated trains of a study: held against each other, and where they are at an instant."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import polars as pl

from arterial.clock import local_day
from arterial.compute import ALONE, Workers
from arterial.network import Network, build_network
from arterial.running.train_runs import TrainRuns, run_trains
from arterial.study import (
    Settings,
    Study,
    apply_defaults,
    read_study,
    require_day,
    require_tables,
)
from arterial.study.study import PLANNING_TABLES
from arterial.timetable.paths.barred_trains import list_barred_trains
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.positions import find_positions, read_instant
from arterial.timetable.stated import (
    StatedTimetable,
    follow_stated_trains,
    resolve_stated_trains,
)

__all__ = ["follow_study_trains", "list_barred", "list_conflicts", "list_positions"]

Timed = TypeVar("Timed")


def list_conflicts(path: Path | str, *, workers: Workers = ALONE) -> tuple[Study, StatedTimetable]:
    """All stated trains of a study, held against each other.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    workers : Workers
        Who shares the running times.

    Returns
    -------
    study : Study
        The study.
    timetable : StatedTimetable
        Its trains with their conflicts.
    """
    return _time_study(path, workers, resolve_stated_trains)


def list_barred(study: Study) -> dict[str, str]:
    """Stated trains whose vehicles or locomotives cannot run over their way, with the reason."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    return list_barred_trains(build_network(tables), tables)


def follow_study_trains(
    path: Path | str, *, workers: Workers = ALONE
) -> tuple[Study, StatedTraffic]:
    """All stated trains of a study on their tracks, held against nothing.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    workers : Workers
        Who shares the running times.

    Returns
    -------
    study : Study
        The study.
    traffic : StatedTraffic
        Its trains.
    """
    return _time_study(path, workers, follow_stated_trains)


def _time_study(
    path: Path | str,
    workers: Workers,
    time_trains: Callable[
        [Network, Mapping[str, pl.DataFrame], Settings, TrainRuns, Workers], Timed
    ],
) -> tuple[Study, Timed]:
    """A study, and what is made of its trains once those that carry coaches have been run."""
    study = read_study(Path(path))
    require_tables(study, *PLANNING_TABLES, purpose="Planning trains")
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    hosts = run_trains(network, tables, study.settings, workers)
    return study, time_trains(network, tables, study.settings, hosts, workers)


def list_positions(
    path: Path | str, at: str, *, workers: Workers = ALONE
) -> tuple[Study, pl.DataFrame, str]:
    """Where the stated trains of a study are at an instant.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    at : str
        The instant, as ``2026-03-01T08:15``; with an offset from UTC where the points of the study
        lie in several zones.
    workers : Workers
        Who shares the running times.

    Returns
    -------
    study : Study
        The study.
    positions : DataFrame
        As :func:`arterial.timetable.positions.find_positions` gives them.
    note : str
        What was taken where no clock shows the instant; else empty.

    Raises
    ------
    LimitError
        If the instant is none, its zone is not clear, or it lies outside the horizon.
    """
    study, traffic = follow_study_trains(path, workers=workers)
    settings = study.settings
    zones = study.table("operational_points")["zone"].drop_nulls().unique().to_list()
    instant = read_instant(at, zones, settings.epoch)
    # Where it lies on any clock of the study, as trains under way over midnight do.
    days = sorted({local_day(instant.at_s, settings.epoch, zone) for zone in zones})
    inside = [day for day in days if settings.horizon_from <= day <= settings.horizon_to]
    require_day(study, (inside or days)[0])
    return study, find_positions(traffic, instant.at_s), instant.note
