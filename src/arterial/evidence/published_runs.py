"""What the model gives for published runs and distances, for the check of statements."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from arterial.network import Route
from arterial.running.published_stretches import sum_dwell_s
from arterial.running.train_runs import CalibratedWay
from arterial.units import HOUR_S, KM_TO_M

__all__ = ["list_service_lengths", "time_published_runs"]


def list_service_lengths(
    tables: Mapping[str, pl.DataFrame], routes: Mapping[str, Route]
) -> pl.DataFrame:
    """Length of every route that a coach service may take.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study table ``coach_services``.
    routes : mapping of str to Route
        Ways of the routes by id.

    Returns
    -------
    DataFrame
        service_id, route_id, distance_km, distance_error_km: a row for each route that joins the
        ends of the service, in either direction.
    """
    rows = [
        {
            "service_id": service["service_id"],
            "route_id": route_id,
            "distance_km": route.length_km,
            "distance_error_km": route.length_error_km,
        }
        for service in tables["coach_services"].iter_rows(named=True)
        for route_id, route in routes.items()
        if {service["from_point"], service["to_point"]} == {route.points[0], route.points[-1]}
    ]
    texts = dict.fromkeys(("service_id", "route_id"), pl.String)
    numbers = dict.fromkeys(("distance_km", "distance_error_km"), pl.Float64)
    return pl.DataFrame(rows, schema={**texts, **numbers})


def time_published_runs(
    tables: Mapping[str, pl.DataFrame], ways: Sequence[CalibratedWay], default_dwell_min: float
) -> pl.DataFrame:
    """What the model gives for each row of ``published_runs`` that a host train runs over.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study table ``published_runs``.
    ways : sequence of CalibratedWay
        Ways of the host trains; the first that fits a row is taken, those of its own direction
        before those of the other.
    default_dwell_min : float
        Standstill at a stop that states none [min].

    Returns
    -------
    DataFrame
        run_id, low_h, best_h, high_h.
    """
    rows = []
    for run in tables["published_runs"].iter_rows(named=True):
        begin, end = str(run["from_point"]), str(run["to_point"])
        same_first = sorted(ways, key=lambda done: not _runs_from(done, begin, end))
        timed = (time_run(run, done, default_dwell_min) for done in same_first)
        found = next((row for row in timed if row is not None), None)
        if found is not None:
            rows.append(found)
    numbers = dict.fromkeys(("low_h", "best_h", "high_h"), pl.Float64)
    return pl.DataFrame(rows, schema={"run_id": pl.String, **numbers})


def _runs_from(done: CalibratedWay, begin: str, end: str) -> bool:
    """Whether a train's way has both points, in this order."""
    places = done.way.route.points
    return begin in places and end in places and places.index(begin) < places.index(end)


def time_run(
    run: Mapping[str, object], done: CalibratedWay, default_dwell_min: float
) -> dict[str, object] | None:
    """A published run as the model has it on one train's way; None where it does not lie there."""
    places = dict(zip(done.way.route.points, done.way.route.distance_km, strict=True))
    begin, end = places.get(str(run["from_point"])), places.get(str(run["to_point"]))
    is_own = run["train_id"] == done.way.train_id
    if begin is None or end is None or not (is_own or run["train_id"] is None):
        return None
    if begin > end and is_own:
        return None
    from_m, to_m = (place * KM_TO_M for place in sorted((begin, end)))
    dwell_s = sum_dwell_s(done.way.stops, from_m, to_m, default_dwell_min)
    bounds = np.append(done.pieces["from_m"].to_numpy(), done.pieces["to_m"][-1])
    row: dict[str, object] = {"run_id": run["run_id"]}
    for name, column in (
        ("low_h", "calibrated_low_s"),
        ("best_h", "calibrated_s"),
        ("high_h", "calibrated_high_s"),
    ):
        passed = np.append(0.0, done.pieces[column].to_numpy().cumsum())
        start_s, end_s = np.interp([from_m, to_m], bounds, passed)
        row[name] = (float(end_s - start_s) + dwell_s) / HOUR_S
    return row
