"""The crossings of every host train of a study that runs between trains of a flow.

Main function: :func:`resolve_host_crossings`, one day for each host: the first on which a coach
rides with it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from arterial.clock import local_day
from arterial.flows.crossings import CrossingOptions, cross_on_line
from arterial.flows.train_paths import StudyLine, list_flow_requests, prepare_line
from arterial.flows.train_runs import TrainRuns
from arterial.study import Study, empty_table
from arterial.timetable.paths.background import Period
from arterial.units import HOUR_S

__all__ = ["resolve_host_crossings"]

CROSSING_TABLES: Final = (
    "crossings",
    "crossing_delays",
    "train_paths",
    "path_occupations",
    "conflicts",
)


def resolve_host_crossings(
    study: Study,
    runs: TrainRuns,
    trip_events: pl.DataFrame,
    *,
    options: CrossingOptions | None = None,
) -> dict[str, pl.DataFrame]:
    """What each host train meets between the trains of the flows that share its track.

    Parameters
    ----------
    study : Study
        The study.
    runs : TrainRuns
        Running times of its host trains.
    trip_events : DataFrame
        Table ``trip_events``: the first departure with each host says on which day.
    options : CrossingOptions, optional
        What is varied.

    Returns
    -------
    dict of str to DataFrame
        ``crossings`` and ``crossing_delays`` of all hosts; ``train_paths``, ``path_occupations``
        and ``conflicts`` of the first host, so that no train of a flow stands there twice. All are
        empty where no host shares a section with a flow.
    """
    results = {name: empty_table(name) for name in CROSSING_TABLES}
    if study.table("train_flows").is_empty():
        return results
    options = options or CrossingOptions()
    line = prepare_line(study, rules=options.rules, runs=runs)
    for train, day in find_host_days(line, trip_events).items():
        crossed = cross_on_line(line, train, day, options=options)
        is_first = results["train_paths"].is_empty()
        for name, frame in crossed.items():
            if name in {"crossings", "crossing_delays"}:
                results[name] = pl.concat([results[name], frame])
            elif is_first:
                results[name] = frame
    return results


def find_host_days(line: StudyLine, trip_events: pl.DataFrame) -> Mapping[str, date]:
    """First operating day of each host train that shares a section with a flow."""
    flows = list_flow_requests(line, Period(0, 24 * HOUR_S), case="high")
    steps = {int(step) for request in flows for step in request.step_rows[:, 0]}
    sections = {line.model.steps[step].section_id for step in steps}
    zones = dict(line.tables["operational_points"].select("point_id", "zone").iter_rows())
    departures = trip_events.filter((pl.col("event") == "departure") & pl.col("at_s").is_not_null())
    days: dict[str, date] = {}
    for row in departures.sort("at_s").iter_rows(named=True):
        train = row["train_id"]
        way = line.ways.get(train)
        if way is None or train in days or not sections & set(way.section_ids):
            continue
        # A coach that boards on the way rides with the train of that day or the day before.
        day = local_day(row["at_s"], line.settings.epoch, zones[row["point_id"]])
        if row["point_id"] == way.points[0]:
            days[train] = day
    return days
