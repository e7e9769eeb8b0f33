"""All stated trains of a study: held against each other, and where they are at an instant."""

from pathlib import Path
from typing import Final

import polars as pl

from arterial.compute import ALONE, Workers
from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import Study, apply_defaults, read_study, require_tables
from arterial.timetable.positions import find_positions, read_instant
from arterial.timetable.stated import StatedTimetable, resolve_stated_trains

__all__ = ["list_conflicts", "list_positions"]

NEEDED: Final = ("operational_points", "calendar_rules", "trains", "train_stops", "sections")


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
    study = read_study(Path(path))
    require_tables(study, *NEEDED, purpose="Planning trains")
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    hosts = run_trains(network, tables, study.settings, workers)
    return study, resolve_stated_trains(network, tables, study.settings, hosts, workers)


def list_positions(
    path: Path | str, at: str, *, workers: Workers = ALONE
) -> tuple[Study, pl.DataFrame]:
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

    Raises
    ------
    LimitError
        If the instant is none, or its zone is not clear.
    """
    study, stated = list_conflicts(path, workers=workers)
    zones = study.table("operational_points")["zone"].drop_nulls().unique().to_list()
    at_s = read_instant(at, zones, study.settings.epoch)
    return study, find_positions(stated.traffic, at_s)
