"""What compiles the kernels of the main job, for `arterial.compiling.start_warming`.

:func:`warm_line` and :func:`warm_coaches` run the main job on a study of two stations, each up to
other kernels, so that two processes compile at once. Sizes do not matter: a kernel is compiled for
types. `scripts/release.py` checks that nothing is left to compile afterwards.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from arterial.capacity.line_traffic import LineTraffic
from arterial.flows.run import make_options, resolve_timetable
from arterial.operations.reliability import (
    list_chunks,
    prepare_reliability,
    simulate_chunk,
    summarise_reliability,
)
from arterial.study import Study, apply_defaults, empty_table, read_study
from arterial.study.shipped import find_shipped_folder
from arterial.timetable import resolve_trips

__all__ = ["warm_coaches", "warm_line"]

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


def warm_line() -> None:
    """Compile what running times, paths and the line are made with."""
    study = _make_study()
    resolved = resolve_timetable(study)
    prepare_reliability(study, resolved.tables, resolved.laid, resolved.traffic, resolved.options)


def warm_coaches() -> None:
    """Compile what coaches are simulated with."""
    study = _make_study()
    tables = {name: apply_defaults(study, name) for name in study.tables}
    options = make_options(study)
    links = pl.DataFrame([LINK])
    results = {
        "link_times": links,
        "section_runs": pl.DataFrame([RUN]),
        "trips": resolve_trips(tables, links, options).trips,
    }
    no_paths = {name: empty_table(name) for name in ("section_capacity", "train_paths")}
    nothing = LineTraffic(no_paths, empty_table("assumptions"))
    ready = prepare_reliability(study, tables, results, nothing, options)
    if ready.model is not None:
        chunk = list_chunks(ready.model, study.settings.reliability)[0]
        summarise_reliability(ready, [simulate_chunk(ready.model, chunk)])


def _make_study() -> Study:
    """The study of two stations with everything that the main job can look at, simulated once."""
    study = read_study(find_shipped_folder() / STUDY)
    rows = {name: pl.DataFrame([row]) for name, row in MORE_ROWS.items()}
    services = study.table("coach_services").with_columns(pool_id=pl.lit("POOL"))
    once = {"draws": 1, "replications": 2, "line_draws": 1, "line_days": 1}
    settings = study.settings
    reliability = settings.reliability.model_copy(update=once)
    return study.with_tables(**rows, coach_services=services).with_settings(
        settings.model_copy(update={"reliability": reliability})
    )
