"""Ways that trains do not find, and times that lengths and limits forbid, as warnings of a check.

Main function: :func:`check_times`. Nothing is run: what a train needs at least is the length of its
way at the limits of the sections and its own.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_text
from arterial.errors import ArterialError, Fault
from arterial.network import Network, find_route
from arterial.running.shared_routes import TrainRoutes, find_shared_routes
from arterial.study import Study
from arterial.study.faults import WARNING
from arterial.study.records import CheckedTables, Record
from arterial.timetable.paths.floors import FASTEST_KMH
from arterial.timetable.stated_limits import UnkeptTimes, find_unkept_times
from arterial.timetable.trains.train_times import is_absurd
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["check_times"]

Tables = Mapping[str, pl.DataFrame]
PUBLISHED_SLACK_S: Final = 60.0
"""By how much a published duration of whole minutes may be below the least time [s]."""


def check_times(
    study: Study, rows: CheckedTables, network: Network, tables: Tables
) -> Iterator[Fault]:
    """Find trains without a way, times that no train keeps, and those that none needs.

    Parameters
    ----------
    study : Study
        The study.
    rows : CheckedTables
        The rows of its files.
    network : Network
        Its network.
    tables : mapping of str to DataFrame
        Its tables with their defaults.

    Yields
    ------
    Fault
        A warning each, at the stop that is reached too early or too late, or the published run.
    """
    routes = find_shared_routes(network, tables)
    yield from _check_ways(rows, tables, routes)
    yield from _check_limits(rows, tables, routes)
    yield from _check_stops(study, rows, network, tables, routes)
    yield from _check_published(rows, network, tables)


def _check_ways(rows: CheckedTables, tables: Tables, routes: TrainRoutes) -> Iterator[Fault]:
    """Trains without coaches that no way leads over their stops, such as against one direction."""
    hosts = set(tables["coach_legs"]["train_id"].to_list())
    records = rows.index("trains", "train_id")
    for train, number in zip(tables["trains"]["train_id"], routes.numbers.tolist(), strict=True):
        record = records.get(train)
        if number < 0 or record is None or train in hosts or routes.routes[number].route:
            continue
        cause = f"The train {train} cannot be run: {routes.routes[number].reason}"
        cure = "Correct its stops or route, or direction, gauge and openness of the sections."
        yield record.fault(cause, cure, "train_id", severity=WARNING)


def _check_limits(rows: CheckedTables, tables: Tables, routes: TrainRoutes) -> Iterator[Fault]:
    """Sections without a speed limit for a kind of train that runs over them."""
    columns = {kind: f"{kind}_speed_limit_kmh" for kind in ("passenger", "freight")}
    limits = {row["section_id"]: row for row in tables["sections"].iter_rows(named=True)}
    # A host of coaches is refused where its limit is missing.
    hosts = set(tables["coach_legs"]["train_id"].to_list())
    met: dict[tuple[str, str], list[str]] = {}
    trains = tables["trains"].select("train_id", "category").rows()
    for (train, category), number in zip(trains, routes.numbers.tolist(), strict=True):
        route = routes.routes[number].route if number >= 0 else None
        kind = "freight" if category == "freight" else "passenger"
        for section in dict.fromkeys(route.section_ids) if route and train not in hosts else ():
            if limits[section][columns[kind]] is None:
                met.setdefault((section, kind), []).append(train)
    records = rows.index("sections", "section_id")
    for (section, kind), names in met.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        cause = (
            f"Section {section} has no {columns[kind]}, and the {kind} train {names[0]}{more} runs "
            f"over it: {FASTEST_KMH:g} km/h or its own top speed is all that bounds its time there."
        )
        cure = "State the limit, or an estimate with its grade."
        yield records[section].fault(cause, cure, columns[kind], severity=WARNING)


def _check_stops(
    study: Study, rows: CheckedTables, network: Network, tables: Tables, routes: TrainRoutes
) -> Iterator[Fault]:
    unkept = find_unkept_times(network, tables, study.settings, routes)
    stops: dict[tuple[str, str], Record] = {}
    for record in rows.records("train_stops"):
        stops.setdefault((record["train_id"], record["point_id"]), record)
    told: set[tuple[str, str, str]] = set()
    for kind in ("too_fast", "slowed", "absurd"):
        for row in getattr(unkept, kind).iter_rows(named=True):
            train = unkept.train_ids[row["train"]]
            begin, end = (unkept.point_ids[row[f"{side}_number"]] for side in ("from", "to"))
            stop = stops.get((train, end))
            # Repetitions of a paced train have no rows of their own.
            if stop is None or (train, begin, end) in told:
                continue
            told.add((train, begin, end))
            first = study.settings.horizon_from + timedelta(days=row["first_day"])
            yield _describe(kind, row, stop, begin, first)
    yield from _check_faces(study, unkept, stops)


def _check_faces(
    study: Study, unkept: UnkeptTimes, stops: Mapping[tuple[str, str], Record]
) -> Iterator[Fault]:
    """Stated times that clocks skip or show twice on a day, each stop once, with what is taken."""
    told: set[object] = set()
    for is_double, faces in ((False, unkept.missing_faces), (True, unkept.double_faces)):
        for row in faces.iter_rows(named=True):
            stop = stops.get((row["train_id"], row["point_id"]))
            if stop is None or (key := (*row.values(),)[2:6]) in told:
                continue
            told.add(key)
            column = "departure" if row["is_departure"] else "arrival"
            taken = local_text(row["taken_at_s"], study.settings.epoch, row["zone"])
            opening = f"Train {row['train_id']} has {row['stated']:%H:%M} at {row['point_id']}"
            if is_double:
                shown = "first" if _is_first_showing(study, row) else "second"
                what = f"which clocks show twice on {row['stated']:%Y-%m-%d}; the {shown} is taken."
            elif row["is_left_out"]:
                what = f"which no clock shows on {row['stated']:%Y-%m-%d}; it does not run then."
            else:
                what = f"which no clock shows on {row['stated']:%Y-%m-%d}; {taken} is taken."
            cure = "State the time that it keeps on that day, by a train of that day."
            yield stop.fault(f"{opening}, {what}", cure, column, severity=WARNING)


def _is_first_showing(study: Study, row: Mapping[str, Any]) -> bool:
    """Whether an instant is the first of the two at which a clock shows the same."""
    face = civil_to_epoch_s(
        row["stated"].date(), f"{row['stated']:%H:%M}", row["zone"], study.settings.epoch
    )
    return bool(row["taken_at_s"] - face < MINUTE_S)


def _describe(kind: str, row: Mapping[str, Any], stop: Record, begin: str, first: date) -> Fault:
    given_s = row["to_s"] - row["from_s"]
    needed = _minutes(given_s + row["missing_s"])
    standing = f", {_minutes(row['standing_s'])} of them at stops" if row["standing_s"] else ""
    opening = f"Train {stop['train_id']} has {_minutes(given_s)} from {begin} to {stop['point_id']}"
    column = "departure" if stop["arrival"] is None else "arrival"
    if kind == "absurd":
        cause = f"{opening}; at the limits it needs {needed}. No train takes so long."
        cure = f"Correct the time or {column}_day, or state the standstill as dwell_min."
    elif kind == "slowed":
        cause = (
            f"{opening}; with the speed restrictions that it meets on its run of {first} it "
            f"needs {needed} at least{standing}."
        )
        cure = "State more time, or other times for those days, or correct the restriction."
    else:
        cause = f"{opening}; at the limits of line and train it needs {needed} at least{standing}."
        cure = "Correct the times, dwell_min, the lengths of the sections or their speed limits."
    return stop.fault(cause, cure, column, severity=WARNING)


def _check_published(rows: CheckedTables, network: Network, tables: Tables) -> Iterator[Fault]:
    """Published durations against the way of their train or route, else the shortest."""
    routes = {
        route_id: group["point_id"].to_list()
        for (route_id,), group in tables["route_points"]
        .sort("route_id", "sequence")
        .partition_by("route_id", as_dict=True, maintain_order=True)
        .items()
    }
    of_train = dict(tables["trains"].select("train_id", "route_id").iter_rows())
    for run in rows.records("published_runs"):
        ends = (run["from_point"], run["to_point"])
        route_id = run["route_id"] or of_train.get(run["train_id"])
        least_s = _time_way(network, _cut(routes.get(route_id, []), ends) or ends, tables)
        if least_s is None:
            continue
        for column in _list_durations(run):
            fault = _judge_duration(run, column, least_s)
            if fault is not None:
                yield fault
                break


def _list_durations(run: Record) -> list[str]:
    """Columns that the least time binds: all where times are fitted, else what is kindest."""
    columns = ("duration_low_h", "duration_h", "duration_high_h")
    known = [column for column in columns if run[column] is not None]
    # A statement that is only compared has its verdict in a run; here what no end of it allows.
    return known if run["used_for"] == "calibration" else known[-1:]


def _judge_duration(run: Record, column: str, least_s: float) -> Fault | None:
    given_s = run[column] * HOUR_S
    words = f"{column} is {_minutes(given_s)} from {run['from_point']} to {run['to_point']}"
    if given_s < least_s - PUBLISHED_SLACK_S:
        cause = f"{words}; at the limits of the line it takes {_minutes(least_s)} at least."
        cure = "Correct it, lengths or limits; name route_id if it goes another way."
        return run.fault(cause, cure, column, severity=WARNING)
    if is_absurd(given_s, least_s):
        cause = f"{words}; at the limits of the line it takes {_minutes(least_s)}."
        return run.fault(cause, "Correct it: it is in hours.", column, severity=WARNING)
    return None


def _cut(points: list[str], ends: tuple[str, str]) -> list[str]:
    """Points of a route between two of them, in either direction; none where one is not on it."""
    if not set(ends) <= set(points):
        return []
    places = sorted(points.index(end) for end in ends)
    return points[places[0] : places[1] + 1]


def _time_way(
    network: Network, points: list[str] | tuple[str, ...], tables: Tables
) -> float | None:
    """Time over a way at the limits of its sections for passengers or goods [s]."""
    limits = {
        section: max([float(limit) for limit in both if limit] or [FASTEST_KMH])
        for section, *both in tables["sections"]
        .select("section_id", "passenger_speed_limit_kmh", "freight_speed_limit_kmh")
        .iter_rows()
    }
    try:
        route = find_route(network, list(points))
    except ArterialError:
        return None
    kilometres = zip(route.distance_km, route.distance_km[1:], strict=False)
    return sum(
        (end - begin) / limits[step.section.section_id] * HOUR_S
        for (begin, end), step in zip(kilometres, route.steps, strict=True)
    )


def _minutes(seconds: float) -> str:
    minutes = round(seconds / MINUTE_S)
    return f"{minutes} min" if minutes < 600 else f"{minutes / 60:.1f} h"  # noqa: PLR2004
