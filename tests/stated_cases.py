"""Stated timetables for tests, and what is wrong with them found day by day in plain Python."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import Study, apply_defaults, read_study
from arterial.study.networks import NetworkSize, make_network
from arterial.study.shipped import find_shipped_folder
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.stated import StatedTimetable, resolve_stated_trains
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S

DAILY = {"calendar_id": "DAILY", "sequence": 1, "pattern": "daily", "effect": "runs"}


def resolve(study: Study) -> StatedTimetable:
    """All stated trains of a study."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    hosts = run_trains(network, tables, study.settings)
    return resolve_stated_trains(network, tables, study.settings, hosts)


def make_line(
    stations: Mapping[str, Mapping[str, Any]],
    sections: list[Mapping[str, Any]],
    trains: Mapping[str, list[tuple[str, str | None, str | None]]],
    **tables: pl.DataFrame,
) -> Study:
    """A study of stated times alone: stations, sections, and the stops of trains.

    Each stop is (point, arrival, departure); clock faces in UTC, days follow from their order.
    """
    template = read_study(find_shipped_folder() / "two_stations")
    none = {name: frame.clear() for name, frame in template.tables.items()}
    points = [
        {"point_id": name, "name": name, "country": "XX", "zone": "Etc/UTC", "kind": "station"}
        | dict(values)
        for name, values in stations.items()
    ]
    rows = [
        {
            "section_id": f"{one['from_point']}-{one['to_point']}",
            "line_id": "L",
            "gauges_mm": "1435",
        }
        | {"length_km": 10.0, "tracks_count": 1}
        | dict(one)
        for one in sections
    ]
    stops = [
        {"train_id": train, "sequence": n, "point_id": at, "arrival": come, "departure": leave}
        for train, made in trains.items()
        for n, (at, come, leave) in enumerate(made, 1)
    ]
    listed = [
        {"train_id": name, "number": name, "category": "passenger", "calendar_id": "DAILY"}
        for name in trains
    ]
    found = {
        "operational_points": pl.DataFrame(points, infer_schema_length=None),
        "sections": pl.DataFrame(rows, infer_schema_length=None),
        "lines": pl.DataFrame(
            [
                {
                    "line_id": "L",
                    "name": "Line",
                    "country": "XX",
                    "chainage_system": "line kilometres",
                }
            ]
        ),
        "trains": pl.DataFrame(listed),
        "train_stops": pl.DataFrame(stops, infer_schema_length=None),
        "calendars": pl.DataFrame([{"calendar_id": "DAILY", "name": "Daily"}]),
        "calendar_rules": pl.DataFrame([DAILY]),
    }
    return template.with_tables(**(none | found | tables))


def make_random(seed: int) -> Study:
    """A small random network with calendars of single days, few tracks and stands over midnight."""
    rng = np.random.default_rng(seed)
    size = NetworkSize(stations=8, trains=70, runs=14, stops=8, days=12, vehicles=0, seed=seed)
    study = make_network("random", size)
    rules = [DAILY | {"calendar_id": "DAILY"}] + [
        {"calendar_id": f"C{n}", "sequence": 1, "pattern": "days_of_month", "effect": "runs"}
        | {"days": ";".join(str(day) for day in sorted(rng.choice(12, 5, replace=False) + 1))}
        for n in range(4)
    ]
    names = [rule["calendar_id"] for rule in rules]
    trains = study.table("trains").with_columns(
        calendar_id=pl.Series(rng.choice(names, size.trains).tolist())
    )
    count = study.table("operational_points").height
    points = study.table("operational_points").with_columns(
        tracks_count=pl.Series(rng.integers(1, 4, count)),
        loop_length_m=pl.Series(rng.choice([300.0, 900.0], count)),
    )
    return study.with_tables(
        trains=trains,
        operational_points=points,
        calendars=pl.DataFrame([{"calendar_id": name, "name": name} for name in names]),
        calendar_rules=pl.DataFrame(rules, infer_schema_length=None),
    )


@dataclass(frozen=True)
class Use:
    """A train of one day on a step or at a point."""

    train: int
    day: int
    enter_s: int
    leave_s: int
    direction: int = 0


def list_dated_uses(
    traffic: StatedTraffic,
) -> tuple[dict[int, list[Use]], dict[int, list[Use]]]:
    """Every use of every step and point on every day of the period."""
    timed, passings = traffic.timed, traffic.passings
    steps, points = defaultdict(list), defaultdict(list)
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        begin = passings.courses.first[passings.own[pattern]]
        for day in np.flatnonzero(timed.days[timed.pattern_days[pattern]]).tolist():
            before = UNKNOWN
            for place, at in enumerate(range(passings.first[pattern], passings.first[pattern + 1])):
                arrive, leave = int(passings.arrival_s[at]), int(passings.departure_s[at])
                step = int(passings.courses.step[begin + place])
                direction = int(passings.courses.direction[begin + place])
                if arrive != UNKNOWN:
                    point = int(passings.courses.point[begin + place])
                    ends = arrive + day * DAY_S, max(arrive, leave) + day * DAY_S
                    onward = int(passings.courses.step[begin + place + 1]) if place == 0 else -1
                    came_by = step if place else -2 - onward
                    points[point].append(Use(train, day, *ends, came_by))
                if step >= 0 and UNKNOWN not in (before, arrive) and arrive >= before:
                    enter, gone = before + day * DAY_S, arrive + day * DAY_S
                    steps[step].append(Use(train, day, enter, gone, direction))
                before = leave
    return steps, points


def resolve_around(study: Study, more: int) -> tuple[StatedTraffic, range]:
    """All stated trains, also on some days more at either end, and the days between."""
    settings, days = study.settings, timedelta(days=more)
    ends = {"horizon_from": settings.horizon_from - days, "horizon_to": settings.horizon_to + days}
    traffic = resolve(study.with_settings(settings.model_copy(update=ends))).traffic
    return traffic, range(more, traffic.timed.period.days_count - more)


def list_plain_pairs(
    traffic: StatedTraffic, inside: range
) -> Iterator[tuple[str, int, int, int, int]]:
    """Pairs of dated trains that come too close: kind, step, later and earlier train, day.

    One of them runs on a day that is looked at.
    """
    rules = traffic.model.rules
    steps, _ = list_dated_uses(traffic)
    for step, uses in steps.items():
        track = traffic.model.steps[step]
        for one, two in combinations(uses, 2):
            first, second = sorted((one, two), key=lambda use: use.enter_s)
            opposes = first.direction != second.direction
            is_same = (first.train, first.day) == (second.train, second.day)
            if first.day not in inside and second.day not in inside:
                continue
            if is_same or track.tracks_count > 2 or (opposes and track.tracks_count == 2):
                continue
            if first.enter_s == second.enter_s:
                # Neither comes first: either order may be told.
                yield "either", step, first.train, second.train, second.day
                continue
            kind = "headway" if second.leave_s > first.leave_s else "catching_up"
            missing = first.leave_s + rules.following_interval_s - second.enter_s
            if opposes:
                kind = "opposing"
                missing = first.leave_s + rules.opposing_interval_s - second.enter_s
            elif track.can_follow:
                missing = max(
                    first.enter_s + rules.headway_s - second.enter_s,
                    first.leave_s + rules.headway_s - second.leave_s,
                )
            if missing > 0:
                yield kind, step, second.train, first.train, second.day


def list_plain_crowds(traffic: StatedTraffic, inside: range) -> set[tuple[int, int, int]]:
    """Dated trains that find as many others at a point as it has tracks: train, point, day."""
    model = traffic.model
    tracks = list(model.tracks_count)
    around: dict[int, list[int]] = defaultdict(list)
    for number, step in enumerate(model.steps):
        for name in (step.from_point, step.to_point):
            around[model.point_numbers[name]].append(number)
    apart = {point for point in model.one_each_way if len(around[point]) == 2}
    release_s = traffic.model.rules.track_release_s
    crowds = set()
    for point, uses in list_dated_uses(traffic)[1].items():

        def find_side(use: Use, sides: list[int] = around[point]) -> int:
            """Step from which a train comes, or would if it did not begin here."""
            if use.direction >= 0:
                return use.direction
            return next(one for one in sides if one != -2 - use.direction)

        order = {id(use): place for place, use in enumerate(uses)}
        for use in uses:
            there = [
                other
                for other in uses
                if (other.enter_s, other.leave_s, order[id(other)])
                < (use.enter_s, use.leave_s, order[id(use)])
                and max(other.leave_s, other.enter_s + 1) + release_s > use.enter_s
                and (point not in apart or find_side(use) == find_side(other))
            ]
            is_inside = any(one.day in inside for one in (use, *there))
            room = -(-tracks[point] // 2) if point in apart else tracks[point]
            if is_inside and len(there) >= room:
                crowds.add((use.train, point, use.day))
    return crowds
