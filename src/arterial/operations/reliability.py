"""Reliability of a study: from the state of its assets to the hour at which a coach arrives.

Main functions: :func:`prepare_reliability` (what is simulated), :func:`simulate_chunk` (one task)
and :func:`summarise_reliability` (the result tables). :func:`resolve_reliability` does all three
for one analysis; `arterial.flows.simulate` does them at any size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import polars as pl

from arterial.assets.derailments import expected_derailments
from arterial.assets.parameters import ParameterSet
from arterial.assets.states import assess_renewed
from arterial.capacity.line_traffic import LineTraffic
from arterial.compute import ALONE, Workers
from arterial.operations.asset_draws import BEST, assess_draw, load_parameters
from arterial.operations.coaches import (
    CoachModel,
    CoachOptions,
    NothingTimedError,
    prepare_coaches,
    simulate_coaches,
    summarise_coaches,
)
from arterial.operations.line.hazards import Closures
from arterial.operations.line.simulate import (
    LineDraw,
    LineOperations,
    prepare_line,
    simulate_line_draw,
    summarise_draws,
)
from arterial.operations.line.stations import tabulate_causes, tabulate_stations
from arterial.operations.line.summary import LineOutcome
from arterial.operations.rounds import CoachChunk, is_precise, list_rounds
from arterial.progress import ReportStep, stay_silent
from arterial.study import Study, conform_table, empty_table, sample_tables
from arterial.study.settings import ReliabilitySettings
from arterial.timetable import TimetableOptions, resolve_trips
from arterial.timetable.paths.stated_wishes import list_weights
from arterial.units import DAYS_PER_YEAR, HOUR_S, MINUTE_S

__all__ = [
    "RELIABILITY_TABLES",
    "Reliability",
    "make_coach_model",
    "make_coach_options",
    "prepare_reliability",
    "resolve_reliability",
    "simulate_chunk",
    "summarise_reliability",
]

RELIABILITY_TABLES: Final = (
    "asset_states",
    "asset_seasons",
    "asset_effects",
    "arrival_distributions",
    "punctuality",
    "handover_risks",
    "rotation_risks",
    "buffer_values",
    "delay_causes",
    "line_delays",
    "line_causes",
    "station_punctuality",
    "derailment_risks",
    "simulated_trips",
    "simulation_runs",
)
TRAIN_TOLERANCE_S: Final = 5 * MINUTE_S
"""Delay up to which a train of the line arrives punctually at a station, an assumption [s]."""

BUFFER_RUNS: Final = 200
"""Replications, all draws together, on which more time at hand-overs is tried [1]."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """What the simulation of a study rests on, ready for its tasks.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Result tables that stand before the coaches are simulated.
    model : CoachModel or None
        Through coaches and all that delays them; None where the study states no cause of delay.
    line : LineOutcome or None
        The simulated line; None where no other trains are stated.
    """

    tables: Mapping[str, pl.DataFrame]
    model: CoachModel | None
    line: LineOutcome | None


def resolve_reliability(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    results: Mapping[str, pl.DataFrame],
    traffic: LineTraffic,
    options: TimetableOptions,
    *,
    workers: Workers = ALONE,
    report_step: ReportStep = stay_silent,
) -> dict[str, pl.DataFrame]:
    """Simulate a study for one analysis, as often as its settings say.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    results : mapping of str to DataFrame
        ``trips``, ``section_runs`` and ``link_times``.
    traffic : LineTraffic
        Paths of the line.
    options : TimetableOptions
        Options of the timetable.
    workers : Workers
        Who shares the draws.
    report_step : callable
        Told the name of each step and the share of work done.

    Returns
    -------
    dict of str to DataFrame
        The tables named in `RELIABILITY_TABLES`.
    """
    ready = prepare_reliability(
        study, tables, results, traffic, options, workers=workers, report_step=report_step
    )
    parts: list[Mapping[str, pl.DataFrame]] = []
    if ready.model is not None:
        report_step("Simulating the coaches", 0.86)
        parts = _simulate_rounds(ready.model, study.settings.reliability, workers)
    return summarise_reliability(ready, parts)


def _simulate_rounds(
    model: CoachModel, settings: ReliabilitySettings, workers: Workers
) -> list[Mapping[str, pl.DataFrame]]:
    """Parts of one round after another until they are enough, in order of draw and replication."""
    simulate = partial(simulate_chunk, model)
    done: dict[tuple[int, int], Mapping[str, pl.DataFrame]] = {}
    for chunks in list_rounds(model, settings):
        places = [(chunk.first_draw, chunk.first_replication) for chunk in chunks]
        done |= dict(zip(places, workers.map(simulate, chunks), strict=True))
        # By draw and replication, whatever the round: sums of floats depend on their order.
        parts = [done[place] for place in sorted(done)]
        sums = pl.concat([part["coach_sums"] for part in parts])
        if is_precise(sums, model, settings.standard_error_points):
            break
    return parts


def prepare_reliability(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    results: Mapping[str, pl.DataFrame],
    traffic: LineTraffic,
    options: TimetableOptions,
    *,
    workers: Workers = ALONE,
    report_step: ReportStep = stay_silent,
) -> Reliability:
    """Assess the assets, simulate the line, and make the model of the coaches.

    Parameters
    ----------
    study, tables, results, traffic, options, workers, report_step
        As in :func:`resolve_reliability`.

    Returns
    -------
    Reliability
        Everything that the tasks need.
    """
    found = {name: empty_table(name) for name in RELIABILITY_TABLES}
    causes = ("assets", "asset_densities", "disturbances")
    if all(tables[name].is_empty() for name in causes):
        return Reliability(found, None, None)
    parameters = load_parameters(study)
    # The picture that is shown: every input at its best value, assessed beside the line.
    assessing = workers.start(partial(assess_draw, study, tables, draw=BEST), parameters)
    # Trains that meet: what an asset costs the whole line, and what others cost a host.
    report_step("Simulating the line", 0.8)
    line = _simulate_study_line(study, tables, parameters, traffic, workers)
    if line is not None:
        found |= {"line_delays": line.line_delays, "asset_effects": line.asset_effects}
        found |= _tabulate_stations(study, line)
    shown = assessing.result()
    found |= {"asset_states": shown.states, "asset_seasons": shown.seasons}
    traffic_km = _count_train_km(traffic.tables["section_capacity"])
    if traffic_km.height and shown.states.height:
        found["derailment_risks"] = expected_derailments(shown.states, traffic_km)
    if tables["coach_services"].is_empty():
        return Reliability(found, None, line)
    report_step("Preparing the coaches", 0.85)
    ready = Reliability(found, None, line)
    model = make_coach_model(tables, results, ready, make_coach_options(study, options))
    return replace(ready, model=model)


def make_coach_model(
    tables: Mapping[str, pl.DataFrame],
    results: Mapping[str, pl.DataFrame],
    ready: Reliability,
    options: CoachOptions,
) -> CoachModel | None:
    """Model of the coaches on what was prepared.

    Parameters
    ----------
    tables, results, ready, options
        As in :func:`resolve_reliability`; assets and line are at hand; which departures, and how.

    Returns
    -------
    CoachModel or None
        None where no departure has known times: that is a finding of the run, not its end.
    """
    resolved = dict(results) | {"trips": _add_run_in(tables, results, options)}
    if ready.line is not None:
        resolved["host_delays"] = _leave_out_stated(ready.line.host_delays, tables["disturbances"])
    states, seasons = (ready.tables[name] for name in ("asset_states", "asset_seasons"))
    try:
        return prepare_coaches(tables, resolved, states, seasons, options)
    except NothingTimedError:
        return None


def _add_run_in(
    tables: Mapping[str, pl.DataFrame], results: Mapping[str, pl.DataFrame], options: CoachOptions
) -> pl.DataFrame:
    """Trips of the horizon, and those before it from which coach sets are followed."""
    trips, timetable = results["trips"], options.timetable
    if options.run_in_from >= timetable.horizon_from:
        return trips
    before = replace(
        timetable,
        horizon_from=options.run_in_from,
        horizon_to=timetable.horizon_from - timedelta(days=1),
    )
    early = resolve_trips(tables, results["link_times"], before).trips
    return pl.concat([early, trips])


def simulate_chunk(model: CoachModel, chunk: CoachChunk) -> Mapping[str, pl.DataFrame]:
    """Simulate one task; the numbers depend on the model and the chunk alone."""
    return simulate_coaches(
        model,
        draws=range(chunk.first_draw, chunk.first_draw + chunk.draws),
        first_replication=chunk.first_replication,
        replications=chunk.replications,
    )


def summarise_reliability(
    ready: Reliability, parts: list[Mapping[str, pl.DataFrame]]
) -> dict[str, pl.DataFrame]:
    """Result tables from what was prepared and the parts of all tasks.

    Parameters
    ----------
    ready : Reliability
        What the tasks were made from.
    parts : list of mapping of str to DataFrame
        What they gave, in order of draw and replication.

    Returns
    -------
    dict of str to DataFrame
        The tables named in `RELIABILITY_TABLES`.
    """
    found = dict(ready.tables)
    if ready.model is None or not parts:
        return found
    whole = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    found |= summarise_coaches(whole, ready.model)
    trips = whole["simulated_trips"].sort("draw", "replication", maintain_order=True)
    found["simulated_trips"] = conform_table("simulated_trips", trips)
    return found


def _simulate_study_line(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    traffic: LineTraffic,
    workers: Workers,
) -> LineOutcome | None:
    """The line with its other trains over all draws; None where there are no paths."""
    paths = traffic.tables["train_paths"]
    if traffic.line is None or paths.is_empty():
        return None
    settings = study.settings.reliability
    closures = Closures(
        longest_wait_s=round(settings.closed_line_wait_h * HOUR_S),
        queue=settings.closed_line_queue,
        shares_tracks=1,
    )
    # Trains besides the hosts of coaches: a timetable whose punctuality is asked for.
    others = set(tables["trains"]["train_id"]) - set(tables["coach_legs"]["train_id"])
    railways = dict(tables["sections"].select("section_id", "railway_id").drop_nulls().iter_rows())
    operations = prepare_line(
        paths,
        traffic.line.model,
        section_railways=railways,
        bound=(traffic.links, round(settings.link_wait_h * HOUR_S)),
        weights=list_weights(tables) or None,
        supplement_percent=traffic.line.settings.running.default_supplement_percent,
        workers=workers,
    )
    tolerance_s = TRAIN_TOLERANCE_S if others else None
    operations = replace(operations, closures=closures, tolerance_s=tolerance_s)
    near = set(paths["section_id"].drop_nulls())
    around = dict(tables) | {
        "sections": tables["sections"].filter(pl.col("section_id").is_in(sorted(near)))
    }
    simulate = partial(_simulate_study_draw, study, around, parameters, operations)
    return summarise_draws(workers.map(simulate, range(min(settings.draws, settings.line_draws))))


def _simulate_study_draw(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    operations: LineOperations,
    draw: int,
) -> Mapping[str, pl.DataFrame]:
    """One draw of the line: its assets are assessed where it is simulated."""
    sampled = sample_tables(study, draw)
    drawn = assess_draw(study, tables, parameters, draw=draw, sampled=sampled)
    inputs = LineDraw(
        draw=draw,
        states=drawn.states,
        seasons=drawn.seasons,
        disturbances=sampled["disturbances"],
        renewed_states=assess_renewed(drawn.states, drawn.states["asset_id"].to_list(), parameters),
    )
    days = study.settings.reliability.line_days
    return simulate_line_draw(operations, inputs, seed=study.settings.seed, days=days)


def _tabulate_stations(study: Study, line: LineOutcome) -> dict[str, pl.DataFrame]:
    """Punctuality by station and hour, and delay by train and cause."""
    if line.stations is None or line.causes is None:
        return {}
    stations = tabulate_stations(
        line.stations,
        study.table("operational_points"),
        epoch=study.settings.epoch,
        tolerance_s=TRAIN_TOLERANCE_S,
    )
    return {"station_punctuality": stations, "line_causes": tabulate_causes(line.causes)}


def _leave_out_stated(host_delays: pl.DataFrame, disturbances: pl.DataFrame) -> pl.DataFrame:
    """What other trains cost a host, where nothing is stated of its lateness.

    A stated lateness was observed as a whole: what others cost the train is in it, and would count
    twice.
    """
    stated = disturbances.filter(pl.col("cause") == "late_host")["train_id"].drop_nulls()
    return host_delays.filter(~pl.col("train_id").is_in(stated.implode()))


def _count_train_km(section_capacity: pl.DataFrame) -> pl.DataFrame:
    """Train-kilometres of a year on each section whose trains are stated."""
    trains = pl.col("trains_up_per_day") + pl.col("trains_down_per_day")
    return (
        section_capacity.filter(pl.col("section_id").is_not_null())
        .group_by("section_id", maintain_order=True)
        .agg((trains * pl.col("length_km")).sum().mul(DAYS_PER_YEAR).alias("train_km_per_year"))
    )


def make_coach_options(study: Study, options: TimetableOptions) -> CoachOptions:
    """Options of the coaches from the settings of a study."""
    settings = study.settings.reliability
    return CoachOptions(
        timetable=options,
        seed=study.settings.seed,
        simulate_from=settings.simulate_from,
        run_in_days=settings.run_in_days,
        simulate_to=settings.simulate_to,
        tolerance_min=settings.tolerance_min,
        cancel_after_h=settings.cancel_after_h,
        closed_line_wait_h=settings.closed_line_wait_h,
        parameter_set=settings.parameter_set,
        buffer_replications=max(1, BUFFER_RUNS // settings.draws),
    )
