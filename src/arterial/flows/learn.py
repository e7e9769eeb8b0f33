"""What was seen teaches the model: options weighed, unknowns narrowed, chances before and after.

:func:`learn_study` reads as the story of the analysis; each step is one line, with its reason. The
study is not changed.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.compute import ALONE, Workers
from arterial.errors import Fault, StudyError
from arterial.evidence.learning import (
    Learned,
    learn_option,
    list_pictures,
    mix_chances,
    tabulate_unknowns,
    weigh_options,
)
from arterial.evidence.observation_checks import check_observations
from arterial.evidence.observations import Plans, judge_plans, read_sightings
from arterial.flows.run import resolve_timetable
from arterial.inference import CannotTell
from arterial.operations.coaches import CoachModel, simulate_coaches
from arterial.operations.coaches.cells import Measure
from arterial.operations.coaches.sightings import Sighting, SightingModel, prepare_sightings
from arterial.operations.coaches.unknowns import list_unknowns
from arterial.operations.reliability import (
    make_coach_model,
    make_coach_options,
    prepare_reliability,
)
from arterial.progress import ReportStep, stay_silent
from arterial.study import Study, conform_table, empty_table, read_study
from arterial.study.alternatives import Option, list_options, take_option
from arterial.study.study import require_tables
from arterial.study.unknowns import Draw, Unknown

__all__ = ["LEARNED_TABLES", "LearnOutcome", "learn_study"]

LEARNED_TABLES: Final = (
    "structure_weights",
    "learned_chances",
    "learned_unknowns",
    "observation_checks",
)
MEASURES: Final = {
    "announced_day": Measure.ANNOUNCED_DAY,
    "within_tolerance": Measure.TOLERANCE,
    "finished": Measure.FINISHED,
}
PICTURES_PER_TASK: Final = 50


@dataclass(frozen=True, slots=True)
class LearnOutcome:
    """What was learned.

    Parameters
    ----------
    study : Study
        The study.
    results : mapping of str to DataFrame
        Tables named in `LEARNED_TABLES`.
    seconds : float
        Wall time [s].
    """

    study: Study
    results: Mapping[str, pl.DataFrame]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One option, ready to be learned of and simulated."""

    option: Option
    seen: SightingModel | str | None
    year: CoachModel | None
    unknowns: tuple[Unknown, ...]
    plans: Plans


def learn_study(
    path: Path | str, *, workers: Workers = ALONE, report_step: ReportStep = stay_silent
) -> LearnOutcome:
    """Weigh the alternatives of a study and narrow its unknowns by what was seen.

    Parameters
    ----------
    path : Path or str
        Folder of the study; it needs a table ``observations``.
    workers : Workers
        Processes that share the work; the numbers are the same.
    report_step : callable
        Told the name of each step and the share of work done.

    Returns
    -------
    LearnOutcome
        Tables before and after.

    Raises
    ------
    StudyError
        With every fault of the study, its observations and its alternatives.
    """
    start = time.perf_counter()
    report_step("Reading and checking the study", 0.0)
    study = read_study(Path(path))
    require_tables(study, "observations")
    options = list_options(study)
    # Each option is a study of its own: other hosts, other dates, another model.
    report_step("Resolving every option", 0.05)
    prepared = list(workers.map(partial(_prepare, study), options))
    # One journey is nearly one fact, so what was seen of it is weighed together.
    report_step("Weighing what was seen", 0.4)
    learned = list(workers.map(partial(_learn, study), prepared))
    weights = weigh_options(learned, study.settings.evidence)
    # The same departures before and after: what did it teach about those to come?
    report_step("Simulating before and after", 0.7)
    chances = _simulate_chances(study, prepared, learned, weights, workers)
    seed = study.settings.seed
    results = {
        "structure_weights": weights,
        "learned_chances": chances,
        "learned_unknowns": pl.concat([tabulate_unknowns(one, seed) for one in learned]),
        "observation_checks": pl.concat([one.checks for one in learned]),
    }
    return LearnOutcome(study, results, time.perf_counter() - start)


def _prepare(study: Study, option: Option) -> _Prepared:
    """An option with the model of what was seen, and that of the departures to come."""
    own = take_option(study, option)
    resolved = resolve_timetable(own)
    results = resolved.results
    plans = judge_plans(own, results["trips"], results["trip_events"])
    ready = prepare_reliability(
        own, resolved.tables, resolved.laid, resolved.traffic, resolved.options
    )
    # Buffers and spare sets are not asked for here, and cost most of the time.
    bare = replace(make_coach_options(own, resolved.options), buffer_replications=0, spare_sets=())
    year = make_coach_model(resolved.tables, resolved.laid, ready, bare)
    sightings = read_sightings(own)
    if not sightings:
        return _Prepared(option, None, year, (), plans)
    trips = results["trips"].filter(
        pl.col("trip_id").is_in([one.trip_id for one in sightings.values()])
    )
    missing = {one.trip_id for one in sightings.values()} - set(trips["trip_id"])
    if missing and option.folder:
        told = f"{min(missing)} is no departure in this option: it cannot have been seen"
        return _Prepared(option, told, year, (), plans)
    if missing:
        faults = [
            Fault(f"{trip} is no departure of the study.", "Correct its date.", "observations.csv")
            for trip in sorted(missing)
        ]
        message = "Something was seen of departures that the study does not have."
        raise StudyError(message, faults)
    days = trips["trip_date"].to_list()
    narrow = replace(bare, simulate_from=min(days), simulate_to=max(days), run_in_days=0)
    laid = {**resolved.laid, "trips": trips}
    model = make_coach_model(resolved.tables, laid, ready, narrow)
    if model is None:
        return _Prepared(option, "No departure that was seen has known times.", year, (), plans)
    unknowns = list_unknowns(model)
    seen = _find_sightings(model, sightings, unknowns)
    return _Prepared(option, seen, year, unknowns, plans)


def _find_sightings(
    model: CoachModel, sightings: Mapping[str, Sighting], unknowns: Sequence[Unknown]
) -> SightingModel | str:
    """The events that were seen; why nothing can be, where a trip has no hosts."""
    try:
        return prepare_sightings(
            model, list(sightings.values()), [unknown.name for unknown in unknowns]
        )
    except KeyError as error:
        trip, point, event = error.args[0]
        return f"{trip} has no {event} at {point}: it cannot have been seen there."


def _learn(study: Study, prepared: _Prepared) -> Learned:
    """What was seen teaches of one option."""
    settings, seed, name = study.settings.evidence, study.settings.seed, prepared.option.name
    if not isinstance(prepared.seen, SightingModel):
        none = empty_table("observation_checks")
        told = prepared.seen or CannotTell(("nothing was seen",), 0)
        return Learned(prepared.option, prepared.unknowns, told, prepared.plans, none)
    posterior = learn_option(prepared.seen, settings, seed, name)
    observed = list(read_sightings(study))
    checks = check_observations(prepared.seen, observed, settings, seed, name)
    return Learned(prepared.option, prepared.unknowns, posterior, prepared.plans, checks)


def _simulate_chances(
    study: Study,
    prepared: Sequence[_Prepared],
    learned: Sequence[Learned],
    weights: pl.DataFrame,
    workers: Workers,
) -> pl.DataFrame:
    """Table ``learned_chances``: the departures that a run simulates, before and after."""
    settings, seed = study.settings.evidence, study.settings.seed
    tasks = []
    for place, (ready, known) in enumerate(zip(prepared, learned, strict=True)):
        for side, pictures in enumerate(list_pictures(known, seed, settings.draws)):
            cuts = range(0, len(pictures), PICTURES_PER_TASK)
            tasks += [
                (place, side, ready.year, pictures[cut : cut + PICTURES_PER_TASK])
                for cut in cuts
                if ready.year is not None
            ]
    if not tasks:
        return empty_table("learned_chances")
    simulate = partial(_simulate_pictures, settings.replications)
    found = workers.map(simulate, [(model, pictures) for _, _, model, pictures in tasks])
    sums = pl.concat(
        part.with_columns(structure=pl.lit(place), side=pl.lit(side))
        for (place, side, _, _), part in zip(tasks, found, strict=True)
    )
    rows = []
    services = study.table("coach_services")["service_id"].to_list()
    for service, (measure, of_sums) in ((s, m) for s in services for m in MEASURES.items()):
        mine = sums.filter((pl.col("target") == f"{service}|all") & (pl.col("measure") == of_sums))
        by_option = {
            one.option.name: (_rate(mine, place, 0), _rate(mine, place, 1))
            for place, one in enumerate(learned)
        }
        if mine["n"].sum():
            rows += [
                {"service_id": service, "option": option, "measure": measure} | values
                for option, values in mix_chances(by_option, weights).items()
            ]
    if not rows:
        return empty_table("learned_chances")
    return conform_table("learned_chances", pl.DataFrame(rows, infer_schema_length=None))


def _simulate_pictures(replications: int, task: tuple[CoachModel, list[Draw]]) -> pl.DataFrame:
    """Sums of the wanted measures in some pictures."""
    model, pictures = task
    parts = simulate_coaches(model, draws=pictures, first_replication=0, replications=replications)
    wanted = list(MEASURES.values())
    sums = parts["coach_sums"].with_columns(pl.col("measure", "target").cast(pl.String))
    return sums.filter(pl.col("measure").is_in(wanted)).select(
        "measure", "target", "draw", "s", "n"
    )


def _rate(sums: pl.DataFrame, place: int, side: int) -> NDArray[np.float64]:
    """Share in each picture, in their order."""
    mine = sums.filter(pl.col("structure") == place, pl.col("side") == side).sort("draw")
    shares: NDArray[np.float64] = (mine["s"] / mine["n"]).to_numpy()
    return shares
