"""The stated trains of one day as the traffic of the line; main function `lay_stated_day`."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from arterial.capacity.consumption import (
    DayPart,
    LineKind,
    additional_time_rate,
    allowed_occupancy_rate,
)
from arterial.capacity.line_traffic import TRAFFIC_TABLES, LineTraffic
from arterial.capacity.path_consumption import measure_path_consumption
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.wishes import ease_request
from arterial.network import Network
from arterial.study import Study, empty_table
from arterial.study.defaults import make_assumption
from arterial.study.tables import conform_table
from arterial.timetable.paths import tabulate_occupations, tabulate_paths
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_links import link_requests
from arterial.timetable.paths.stated_requests import (
    close_stated_day,
    find_busiest_day,
    request_stated_day,
)
from arterial.timetable.paths.stated_track import StatedIntervals
from arterial.timetable.paths.stated_wishes import PRIORITIES
from arterial.timetable.paths.study_line import StudyLine
from arterial.timetable.trains.train_times import TrainTimer
from arterial.units import DAY_S

__all__ = ["has_other_trains", "lay_stated_day"]

DAY_MOVES: Final = 2_000
"""Moves that improve the plan of the day [1]."""

MOST_TRAINS: Final = 5_000
"""Trains of a day that a run plans; `arterial timetable` plans any number."""


def has_other_trains(study: Study) -> bool:
    """Whether trains are stated besides those that carry coaches."""
    hosts = set(study.tables["coach_legs"]["train_id"].to_list())
    return bool(set(study.tables["trains"]["train_id"].to_list()) - hosts)


def lay_stated_day(
    study: Study, tables: Mapping[str, pl.DataFrame], network: Network, stated: StatedTraffic
) -> LineTraffic:
    """The stated trains of the busiest day, planned without conflicts, and what they consume.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    network : Network
        Its network.
    stated : StatedTraffic
        All stated trains.

    Returns
    -------
    LineTraffic
        Paths of the day for the simulation, and the capacity that they consume.
    """
    settings = study.settings
    found = {name: empty_table(name) for name in TRAFFIC_TABLES}
    day = find_busiest_day(stated)
    asked, _ = request_stated_day(stated, tables, day)
    # Every train is simulated, however late the plan has to lay it.
    requests = tuple(ease_request(request) for request in asked)
    if not requests or len(requests) > MOST_TRAINS:
        return LineTraffic(found, empty_table("assumptions"))
    options = PlanOptions(moves=DAY_MOVES, seed=settings.seed)
    links = link_requests(tables, requests)
    planned = plan_paths(
        stated.model,
        requests,
        closures=close_stated_day(stated, tables, day),
        links=links,
        options=options,
    )
    found["train_paths"] = tabulate_paths(stated.model, planned.paths)
    from_s = (day - settings.epoch).days * DAY_S
    rules = stated.model.rules
    found["capacity_consumption"] = measure_path_consumption(
        tabulate_occupations(stated.model, planned.paths),
        tables,
        from_at_s=from_s,
        to_at_s=from_s + DAY_S,
        additional_rate=additional_time_rate(allowed_occupancy_rate(LineKind.MIXED, DayPart.DAY)),
        intervals_s={
            "following": rules.following_interval_s,
            "crossing": rules.opposing_interval_s,
            "headway": rules.headway_s,
        },
    )
    line = StudyLine(stated.model, network, tables, settings, {}, TrainTimer({}, settings.epoch))
    assumed = make_assumption(
        "timetable:day",
        "assumption",
        "day that is planned and simulated",
        day.isoformat(),
        reason="The first of the days on which most trains run.",
        uses=len(requests),
    )
    told = [assumed, *_tell_defaults(stated, tables)]
    rows = conform_table("assumptions", pl.DataFrame(told, infer_schema_length=None))
    return LineTraffic(found, rows, line, links)


def _tell_defaults(
    stated: StatedTraffic, tables: Mapping[str, pl.DataFrame]
) -> Iterator[dict[str, object]]:
    """Intervals and priorities that stand in for what is not stated."""
    rules, steps = stated.model.rules, stated.model.steps
    bare = {
        step.section_id for step in steps if all(one == StatedIntervals() for one in step.intervals)
    }
    if bare:
        yield make_assumption(
            "timetable:intervals",
            "default",
            "headways",
            f"following {rules.following_interval_s} s, crossing {rules.opposing_interval_s} s, "
            f"automatic block {rules.headway_s} s",
            reason="Least times between trains on sections for which headways states none.",
            uses=len(bare),
        )
    trains, categories = tables["trains"], tables["train_categories"]
    ranked = set(categories.filter(pl.col("priority").is_not_null())["category"])
    unranked = trains.filter(pl.col("priority").is_null() & ~pl.col("category").is_in(ranked))
    if unranked.height:
        yield make_assumption(
            "timetable:priorities",
            "default",
            "trains.priority",
            ", ".join(f"{name} {number}" for name, number in PRIORITIES.items()),
            reason="Which train is laid first in a plan where neither it nor its category says so.",
            uses=unranked.height,
        )
