"""What the analyses of a study refuse without computing, and which of them it is ready for.

Main functions: :func:`find_refusals` and :func:`list_lacks`. Each refusal is the one that the
analysis itself would raise: what resolves routes, flows, coach legs, possessions, works and
parameters is called as a run calls it, without running times and without chance.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import polars as pl

from arterial.assets.register import count_generated
from arterial.capacity.usage import count_trains
from arterial.errors import ArterialError, Fault
from arterial.network import Network
from arterial.operations.asset_draws import load_parameters
from arterial.running.route_variants import find_study_routes
from arterial.study import Study
from arterial.study.faults import ERROR, WARNING, find_near_names
from arterial.study.settings import SITE_MARK
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.study import (
    CAMPAIGN_TABLES,
    COACH_TABLES,
    PATH_TABLES,
    PLANNING_TABLES,
    RUN_TABLES,
)
from arterial.timetable import resolve_trips
from arterial.timetable.coaches.coach_services import make_options
from arterial.timetable.paths.line_model import build_line_model
from arterial.timetable.paths.possessions import resolve_possessions
from arterial.timetable.paths.study_line import find_flow_route
from arterial.workshop.overhaul.reading import read_works

__all__ = ["NO_DEPARTURE", "find_refusals", "list_lacks"]

Tables = Mapping[str, pl.DataFrame]

CAUSES: Final = ("assets", "asset_densities", "disturbances")
"""Tables of which one at least says what delays a coach."""

ASSETS: Final = ("assets", "asset_densities")

NO_DEPARTURE: Final = "there is no departure in the horizon"
"""What a check says of a service whose calendar has run out."""

UNTIMED: Final = pl.DataFrame(
    schema={
        "train_id": pl.String,
        "sequence": pl.Int64,
        "distance_km": pl.Float64,
        "running_low_s": pl.Float64,
        "running_s": pl.Float64,
        "running_high_s": pl.Float64,
    }
)
"""Links of trains that have not been run: every running time is unknown."""


def find_refusals(
    study: Study, network: Network, tables: Tables, host_sections: frozenset[str]
) -> Iterator[Fault]:
    """Find what ``run``, ``simulate``, ``campaign`` and ``path`` would refuse.

    Parameters
    ----------
    study : Study
        The study.
    network : Network
        Its network.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    host_sections : frozenset of str
        Sections that trains with coaches run over.

    Yields
    ------
    Fault
        Errors; a warning where only a campaign or a path between flows would refuse.
    """
    steps: list[Callable[[], object]] = [partial(find_study_routes, network, tables)]
    if not tables["coach_services"].is_empty():
        steps.append(partial(resolve_trips, tables, UNTIMED, make_options(study)))
    if not tables["works_jobs"].is_empty():
        steps.append(partial(read_works, tables))
    if any(not tables[name].is_empty() for name in CAUSES):
        steps.append(partial(load_parameters, study))
    densities = partial(count_generated, network, tables, study.settings.as_of)
    if not tables["asset_densities"].is_empty():
        steps.append(densities)
    if not tables["possessions"].is_empty():
        steps.append(partial(_close, study, network, tables))
    for step in steps:
        yield from _try(step)
    yield from _find_flow_faults(study, network, tables, host_sections)
    if not tables["work_kinds"].is_empty():
        yield from _find_unknown_sites(study, densities)


def list_lacks(study: Study, faults: Sequence[Fault]) -> dict[str, tuple[str, ...]]:
    """What each analysis lacks; nothing where the study is ready for it.

    Parameters
    ----------
    study : Study
        The study, whose tables have no errors of their own.
    faults : sequence of Fault
        What a check found.

    Returns
    -------
    dict of str to tuple of str
        By command: tables without rows, ``a or b`` where one of them would do.
    """
    has_coaches = not study.table("coach_services").is_empty()
    run = [*RUN_TABLES, *(COACH_TABLES if has_coaches else ())]
    lacks = {
        "run": _find_empty(study, run),
        "simulate": [
            *_find_empty(study, run if has_coaches else [*run, "coach_services"]),
            *_find_none(study, CAUSES),
            *_find_no_days(study, faults),
        ],
        "campaign": [*_find_empty(study, CAMPAIGN_TABLES), *_find_none(study, ASSETS)],
        "path": _find_empty(study, PATH_TABLES),
        "conflicts, timetable, dispatch": _find_empty(study, PLANNING_TABLES),
    }
    flows = [fault for fault in faults if fault.file == "tables/sections.csv" and fault.column]
    speeds = sorted({f"sections.{fault.column}" for fault in flows if "flow" in fault.cause})
    lacks["campaign"] += [name for name in speeds if ".typical_" in name]
    if any(fault.severity == ERROR for fault in faults):
        lacks = {name: missing or ["what the errors say"] for name, missing in lacks.items()}
    return {name: tuple(missing) for name, missing in lacks.items()}


def _try(step: Callable[[], object]) -> Iterator[Fault]:
    """Faults with which a step refuses the study."""
    try:
        step()
    except ArterialError as error:
        yield from error.faults or (Fault(error.message, "Correct it before a run."),)


def _close(study: Study, network: Network, tables: Tables) -> None:
    settings = study.settings
    resolve_possessions(
        build_line_model(network, tables),
        tables,
        epoch=settings.epoch,
        day_from=settings.horizon_from,
        day_to=settings.horizon_from + timedelta(days=1),
    )


def _find_flow_faults(
    study: Study, network: Network, tables: Tables, host_sections: frozenset[str]
) -> Iterator[Fault]:
    """Flows without a way, and sections without the typical speed at which they would run."""
    if tables["train_flows"].is_empty():
        return
    settings = study.settings
    count = partial(
        count_trains,
        network,
        {**tables, "trains": tables["trains"].clear()},
        tables["train_flows"],
        day_from=settings.horizon_from,
        day_to=settings.horizon_to,
    )
    lost = list(_try(count))
    yield from lost
    if lost:
        return
    used = {section for section, *_ in count()}
    faults: list[Fault] = []
    for row in tables["train_flows"].iter_rows(named=True):
        find_flow_route(network, tables, row, faults)
    # Hosts are laid between the trains of flows where they share a section; a campaign lays all.
    severity = ERROR if used & host_sections else WARNING
    for fault in dict.fromkeys(faults):
        yield replace(fault, severity=severity)


def _find_unknown_sites(study: Study, count: Callable[[], Mapping[str, int]]) -> Iterator[Fault]:
    """Work that has to be done on assets, or of kinds, that no row names."""
    assets, works = (
        set(study.table(table)[column].to_list())
        for table, column in (("assets", "asset_id"), ("work_kinds", "work_id"))
    )
    wanted = study.settings.campaign.must_do
    try:
        generated = count() if wanted else {}
    except ArterialError:
        # Too many assets is a fault of its own.
        return
    for name in wanted:
        asset, _, work = name.partition(SITE_MARK)
        # An asset that densities give rise to is named by section, kind and number.
        begin, _, number = asset.rpartition(".")
        is_generated = begin in generated and number.isdigit()
        if name in assets or not (assets or generated):
            continue
        if (asset in assets or is_generated) and (not work or work in works):
            continue
        cause = f"must_do names {name}, which is no asset of the study, or no work on one."
        near = find_near_names(name, [*assets, *(f"{asset}{SITE_MARK}{one}" for one in works)])
        cure = "Name an asset of assets, or asset and work as ASSET:WORK."
        yield Fault(cause, cure, SETTINGS_FILE, None, "campaign.must_do", near)


def _find_empty(study: Study, names: Sequence[str]) -> list[str]:
    return [name for name in names if study.table(name).is_empty()]


def _find_no_days(study: Study, faults: Sequence[Fault]) -> list[str]:
    """One entry where no through coach departs on the days that are simulated."""
    settings = study.settings
    first = settings.reliability.simulate_from or settings.horizon_from
    last = settings.reliability.simulate_to or settings.horizon_to
    idle = sum(NO_DEPARTURE in fault.cause for fault in faults)
    services = study.table("coach_services").height
    return [f"departures from {first} to {last}"] if first > last or 0 < services <= idle else []


def _find_none(study: Study, names: Sequence[str]) -> list[str]:
    """One entry where none of the tables has rows."""
    return [" or ".join(names)] if len(_find_empty(study, names)) == len(names) else []
