"""What compiles the kernels of the main job, for `arterial.compiling.start_warming`.

:func:`warm_paths`, :func:`warm_line` and :func:`warm_coaches` each run a part of the main job on a
study of two stations, from made-up results of the part before, so that processes beside each other
compile each kernel once. Sizes do not matter: a kernel is compiled for types. `scripts/release.py`
checks that nothing is left to compile afterwards.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from arterial.capacity.line_traffic import LineTraffic
from arterial.flows.run import resolve_timetable
from arterial.network import build_network
from arterial.operations.reliability import (
    Reliability,
    prepare_reliability,
    simulate_chunk,
    summarise_reliability,
)
from arterial.operations.rounds import list_chunks
from arterial.running.train_runs import TrainRuns
from arterial.study import Study, apply_defaults, conform_table, empty_table, read_study
from arterial.study.shipped import find_shipped_folder
from arterial.timetable import resolve_trips
from arterial.timetable.coaches.coach_services import make_options
from arterial.timetable.paths.study_line import make_study_line

__all__ = ["warm_coaches", "warm_line", "warm_paths"]

STUDY: Final = "two_stations"
ENDS: Final = {"from_point": "NORTHPORT", "to_point": "SOUTHPORT"}
# What the study of two stations leaves out: other trains, assets, disturbances, sets of coaches.
MORE_ROWS: Final[Mapping[str, Mapping[str, object]]] = {
    "train_flows": {"flow_id": "OTHERS", "category": "passenger", "trains_per_day": "12", **ENDS},
    "asset_densities": {
        "density_id": "TURNOUT",
        "kind": "turnout",
        "railway_id": "CR",
        "units_per_km": "0.3",
    },
    "disturbances": {
        "disturbance_id": "VEHICLE",
        "name": "Failure of a vehicle",
        "cause": "vehicle",
        "per": "train_km",
        "rate": "0.001",
        "delay_low_min": "5",
        "delay_best_min": "30",
        "delay_high_min": "120",
        "shape": "lognormal",
    },
    "coach_pools": {"pool_id": "POOL", "name": "Coaches", "home_point": "NORTHPORT"},
}
# Running times that no kernel has made, so that coaches need not wait for those kernels.
HOST: Final = {"train_id": "T1", **ENDS}
RUN: Final = {
    **HOST,
    "sequence": 1,
    "section_id": "NOR-SOU",
    "length_km": 125.0,
    "basic_s": 6300.0,
    "supplement_s": 700.0,
    "calibrated_s": 7000.0,
}
LINK: Final = {
    **HOST,
    "sequence": 2,
    "distance_km": 125.0,
    "running_low_s": 6900.0,
    "running_s": 7000.0,
    "running_high_s": 7100.0,
}
PATH: Final = [
    {"path_id": "A", "sequence": 1, "train_id": "T1", "point_id": "NORTHPORT", "departure_at_s": 0},
    {
        "path_id": "A",
        "sequence": 2,
        "train_id": "T1",
        "point_id": "SOUTHPORT",
        "section_id": "NOR-SOU",
        "arrival_at_s": 7000,
    },
]
NO_PATHS: Final = {name: empty_table(name) for name in ("section_capacity", "train_paths")}
NO_ROWS: Final = empty_table("assumptions")


def warm_paths() -> None:
    """Compile what running times and stated paths are made with.

    Plans are left to `dispatching.paths.warming`, so that no two processes compile the same.
    """
    resolve_timetable(_make_study(left_out=("train_flows",)))


def warm_line() -> None:
    """Compile what the line is simulated with."""
    study = _make_study()
    tables = {name: apply_defaults(study, name) for name in study.tables}
    none = {name: empty_table(name) for name in ("section_runs", "speed_profile")}
    runs = TrainRuns(
        **none, link_times=pl.DataFrame([LINK]), dated_links=(), ways=(), helpers=(), too_steep={}
    )
    line = make_study_line(tables, study.settings, build_network(tables), runs)
    paths = conform_table("train_paths", pl.DataFrame(PATH), fill_missing=True)
    _prepare(study, tables, LineTraffic(NO_PATHS | {"train_paths": paths}, NO_ROWS, line))


def warm_coaches() -> None:
    """Compile what coaches are simulated with."""
    study = _make_study()
    tables = {name: apply_defaults(study, name) for name in study.tables}
    ready = _prepare(study, tables, LineTraffic(NO_PATHS, NO_ROWS))
    if ready.model is not None:
        chunk = list_chunks(ready.model, study.settings.reliability)[0]
        summarise_reliability(ready, [simulate_chunk(ready.model, chunk)])


def _prepare(study: Study, tables: Mapping[str, pl.DataFrame], traffic: LineTraffic) -> Reliability:
    """What is simulated after the made-up running times."""
    options, links = make_options(study), pl.DataFrame([LINK])
    results = {
        "link_times": links,
        "section_runs": pl.DataFrame([RUN]),
        "trips": resolve_trips(tables, links, options).trips,
    }
    return prepare_reliability(study, tables, results, traffic, options)


def _make_study(left_out: Sequence[str] = ()) -> Study:
    """The study of two stations with everything that the main job can look at, simulated once."""
    study = read_study(find_shipped_folder() / STUDY)
    more = {name: row for name, row in MORE_ROWS.items() if name not in left_out}
    rows = {name: pl.DataFrame([row]) for name, row in more.items()}
    services = study.table("coach_services").with_columns(pool_id=pl.lit("POOL"))
    once = {"draws": 1, "replications": 2, "line_draws": 1, "line_days": 1}
    settings = study.settings
    reliability = settings.reliability.model_copy(update=once)
    return study.with_tables(**rows, coach_services=services).with_settings(
        settings.model_copy(update={"reliability": reliability})
    )
