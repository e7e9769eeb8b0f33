"""Capacity of a study's line, and the crossings of the host trains that the report shows.

Main function: :func:`resolve_line_traffic`. Both need the trains beside the hosts: without
``train_flows`` nothing is known of them, and every table stays empty.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import chain
from typing import Final

import polars as pl

from arterial.capacity import (
    CapacityNorms,
    count_trains,
    list_norms,
    rank_bottlenecks,
    typical_step_times,
)
from arterial.compute import ALONE, Workers
from arterial.dispatching.paths.crossings import (
    CrossingOptions,
    join_crossing_cases,
    lay_crossing_case,
    list_crossing_cases,
)
from arterial.network import Network
from arterial.running.train_runs import TrainRuns
from arterial.study import Study, conform_table, empty_table
from arterial.study.defaults import make_assumption
from arterial.timetable.paths.line_model import PathRules
from arterial.timetable.paths.links import TrainLink
from arterial.timetable.paths.study_line import StudyLine, make_study_line

__all__ = ["TRAFFIC_TABLES", "HostDay", "LineTraffic", "list_host_days", "resolve_line_traffic"]

TRAFFIC_TABLES: Final = (
    "section_capacity",
    "capacity_consumption",
    "crossings",
    "crossing_delays",
    "conflicts",
    "train_paths",
    "path_occupations",
)
PATH_MARK: Final = "|"
"""Between a host's path and what was laid beside it; each host has its own other trains."""

RULE_REASON: Final = "Least time between trains on a single line; usual practice at 1520 mm."
RULE_SOURCE: Final = "worked examples of the period method"


@dataclass(frozen=True, slots=True)
class HostDay:
    """A host train on one day.

    Parameters
    ----------
    train_id : str
        The train.
    operating_day : date
        Local day at its first stop.
    """

    train_id: str
    operating_day: date


@dataclass(frozen=True, slots=True)
class LineTraffic:
    """What is known of the traffic of the line.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Result tables by name.
    assumptions : DataFrame
        What they took on trust, as the table ``assumptions``.
    line : StudyLine or None
        The line on which the paths lie; None where no host runs between other trains.
    links : tuple of TrainLink
        Which paths wait for which others.
    """

    tables: Mapping[str, pl.DataFrame]
    assumptions: pl.DataFrame
    line: StudyLine | None = None
    links: tuple[TrainLink, ...] = ()


def resolve_line_traffic(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    network: Network,
    runs: TrainRuns,
    trip_events: pl.DataFrame,
    workers: Workers = ALONE,
) -> LineTraffic:
    """Capacity of every stretch, and crossings of the hosts of the trips shown first.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    network : Network
        Its network.
    runs : TrainRuns
        Running times of the host trains.
    trip_events : DataFrame
        Result table ``trip_events``.
    workers : Workers
        Who shares the cases.

    Returns
    -------
    LineTraffic
        Every table of capacity and paths; all empty where the study states no flows.
    """
    found = {name: empty_table(name) for name in TRAFFIC_TABLES}
    flows = tables["train_flows"]
    if flows.is_empty():
        return LineTraffic(found, empty_table("assumptions"))
    norms, options = CapacityNorms(), CrossingOptions()
    found["section_capacity"] = rank_bottlenecks(
        network,
        tables,
        typical_step_times(network, tables),
        flows,
        day_from=study.settings.horizon_from,
        day_to=study.settings.horizon_to,
        norms=norms,
        times_basis="typical freight speeds of the sections",
    )
    busy = _list_flow_sections(study, tables, network)
    beside = [one.way.train_id for one in runs.ways if busy & set(one.way.route.section_ids)]
    hosts = list_host_days(study, tables["train_stops"], trip_events, among=beside)
    if not hosts:
        return LineTraffic(found, _list_assumptions(norms, options))
    line = make_study_line(tables, study.settings, network, runs, rules=options.rules)
    # The order of priority is varied for the first host only: each case lays every path anew.
    narrow = replace(options, orders=options.orders[:1])
    cases = [
        list_crossing_cases(line, host.train_id, host.operating_day, narrow if place else options)
        for place, host in enumerate(hosts)
    ]
    # Every case of every host is a task that needs none of the others.
    laid = iter(workers.map(lay_crossing_case, chain.from_iterable(cases)))
    parts = [
        _mark_host(host, join_crossing_cases([next(laid) for _ in own]))
        for host, own in zip(hosts, cases, strict=True)
    ]
    for name in parts[0]:
        found[name] = pl.concat([part[name] for part in parts])
    return LineTraffic(found, _list_assumptions(norms, options), line)


def list_host_days(
    study: Study, train_stops: pl.DataFrame, trip_events: pl.DataFrame, *, among: Iterable[str]
) -> tuple[HostDay, ...]:
    """Host trains of the trips shown first, each on the day of the first trip that it carries.

    Parameters
    ----------
    study : Study
        The study, whose settings name the trips.
    train_stops : DataFrame
        Table ``train_stops``.
    trip_events : DataFrame
        Result table ``trip_events``.
    among : iterable of str
        Trains that are wanted.

    Returns
    -------
    tuple of HostDay
        In the order of the trips; a train boarded on an unknown day of its run is left out.
    """
    wanted = set(among)
    offsets = {
        (row["train_id"], row["point_id"]): 0 if row["sequence"] == 1 else row["departure_day"]
        for row in train_stops.iter_rows(named=True)
    }
    departures = trip_events.filter(pl.col("event") == "departure").sort("trip_id", "sequence")
    hosts: dict[str, HostDay] = {}
    for trip_id in study.settings.report.trip_ids:
        for row in departures.filter(pl.col("trip_id") == trip_id).iter_rows(named=True):
            train = row["train_id"]
            offset = offsets.get((train, row["point_id"]))
            if train not in wanted or train in hosts or offset is None or not row["local_time"]:
                continue
            day = date.fromisoformat(row["local_time"][:10]) - timedelta(days=offset)
            hosts[train] = HostDay(train, day)
    return tuple(hosts.values())


def _list_flow_sections(
    study: Study, tables: Mapping[str, pl.DataFrame], network: Network
) -> set[str]:
    """Sections that any flow runs over."""
    alone = {**tables, "trains": tables["trains"].clear()}
    settings = study.settings
    counts = count_trains(
        network,
        alone,
        tables["train_flows"],
        day_from=settings.horizon_from,
        day_to=settings.horizon_to,
    )
    return {key[0] for key, count in counts.items() if count.total.high > 0}


def _mark_host(host: HostDay, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Crossings of one host, its paths and what they occupy named after it."""
    found = dict(tables)
    mark = f"{host.train_id}@{host.operating_day}{PATH_MARK}"
    named = {
        "crossings": ("other_path_id",),
        "train_paths": ("path_id",),
        "path_occupations": ("occupation_id", "path_id"),
        "conflicts": ("conflict_id",),
    }
    for name, columns in named.items():
        marked = [(pl.lit(mark) + pl.col(column)).alias(column) for column in columns]
        found[name] = conform_table(name, found[name].with_columns(marked))
    # Several paths are one text, separated by semicolons.
    paths = pl.col("path_ids").str.replace_all(";", f";{mark}", literal=True)
    conflicts = found["conflicts"].with_columns((pl.lit(mark) + paths).alias("path_ids"))
    found["conflicts"] = conform_table("conflicts", conflicts)
    return found


def _list_assumptions(norms: CapacityNorms, options: CrossingOptions) -> pl.DataFrame:
    """Norms of capacity and rules of paths as rows of ``assumptions``."""
    rows = [*_list_norms(norms), *_list_rules(options.rules)]
    orders = ", then ".join(order.value.replace("_", " ") for order in options.orders)
    rows.append(
        make_assumption(
            "crossings:host_order",
            "assumption",
            "order in which paths are laid",
            orders,
            reason="Nobody publishes who waits for whom, so the place of the host is varied.",
        )
    )
    return conform_table("assumptions", pl.DataFrame(rows, infer_schema_length=None))


def _list_norms(norms: CapacityNorms) -> Iterator[dict[str, object]]:
    for norm in list_norms(norms).iter_rows(named=True):
        yield make_assumption(
            f"capacity:{norm['name']}",
            "default" if norm["is_default"] else "assumption",
            f"line capacity: {norm['name']}",
            norm["value"],
            low_high=norm["range"],
            reason=f"{norm['reason']} ({norm['source']})",
        )


def _list_rules(rules: PathRules) -> Iterator[dict[str, object]]:
    usual = PathRules()
    for rule in fields(rules):
        value = getattr(rules, rule.name)
        yield make_assumption(
            f"train_paths:{rule.name}",
            "default" if value == getattr(usual, rule.name) else "assumption",
            f"train paths: {rule.name}",
            f"{value} s",
            reason=f"{RULE_REASON} ({RULE_SOURCE})",
        )
