"""What the works of a study leaves for its timetable: coach sets and locomotives.

Main functions: :func:`schedule_study_works` and :func:`list_fleet`. A study without jobs has no
works, and gets none of these tables.
"""

from collections.abc import Mapping

import polars as pl

from arterial.running.train_runs import TrainRuns
from arterial.study import Study
from arterial.timetable import TimetableOptions
from arterial.timetable.coaches.coach_services import read_timetable
from arterial.timetable.locomotive_needs import tabulate_locomotives
from arterial.workshop.overhaul.scheduling import WORKS_S, resolve_works

__all__ = ["list_fleet", "schedule_study_works"]


def schedule_study_works(
    study: Study, tables: Mapping[str, pl.DataFrame]
) -> Mapping[str, pl.DataFrame]:
    """Result tables of the works of a study; none where it states no jobs.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.

    Returns
    -------
    mapping of str to DataFrame
        As of :func:`arterial.workshop.overhaul.scheduling.resolve_works`.
    """
    if tables["works_jobs"].is_empty():
        return {}
    return resolve_works(tables, study.settings.as_of, seconds=WORKS_S, seed=study.settings.seed)


def list_fleet(
    tables: Mapping[str, pl.DataFrame],
    works: Mapping[str, pl.DataFrame],
    set_availability: pl.DataFrame,
    runs: TrainRuns,
    options: TimetableOptions,
) -> dict[str, pl.DataFrame]:
    """Result tables of the works, and what it leaves for coaches and trains.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the study with their defaults.
    works : mapping of str to DataFrame
        Result tables of the works; empty where there is none.
    set_availability : DataFrame
        What the rotation of coach sets found.
    runs : TrainRuns
        Which locomotives haul the host trains, and how long they take.
    options : TimetableOptions
        Options of the timetable.

    Returns
    -------
    dict of str to DataFrame
        Result tables by name; none without a works.
    """
    if not works:
        return {}
    timetable = read_timetable(tables, runs.link_times, options)
    stays = works["works_stays"]
    locomotives = tabulate_locomotives(tables, runs.section_runs, timetable, stays)
    return {
        **works,
        "set_availability": set_availability,
        "locomotive_availability": locomotives,
    }
