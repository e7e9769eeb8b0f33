"""Speed and quality of the search for train paths (`arterial.dispatching.paths`).

All results are judged by `find_conflicts` and `find_unpaid`. `--json` prints JSON, `--quick` takes
a tenth of the moves.

1. One path more in a week of 2,000 trains on a line of 100 sections.
2. Twenty random single lines of 300 km and 25 stations with 30 to 60 trains.
3. A day of 300 trains on a single line of 1,000 km.
4. A day of 2,000 trains on a line of two tracks and 10,000 km.
5. The same once a quarter of its trains have arrived: one train is held for 40 minutes and one
   step shut for two hours, against first come, first served.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from arterial.dispatching.paths.insertion import Traffic, find_path
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.rescheduling import (
    Disruption,
    RescheduledPaths,
    reschedule,
    serve_first_come,
)
from arterial.randomness import stream
from arterial.timetable.paths import (
    Closure,
    DepartureWindow,
    LineModel,
    LineStep,
    PathRequest,
    TrainPath,
    TrainTraits,
    UnpaidKind,
    find_conflicts,
    find_unpaid,
    make_request,
)
from arterial.units import DAY_S, HOUR_S, MINUTE_S

SEED = 20251118
LINES = 20
STATIONS = 25
LINE_KM = 300.0
UNLIMITED_M = 1e9
STEP_KM = 10.0

Problem = tuple[LineModel, list[PathRequest]]


def make_line(steps_count: int, *, tracks_count: int) -> LineModel:
    """A line of steps of 10 km, three tracks at each point and ten at its ends."""
    names = tuple(f"P{number:03d}" for number in range(steps_count + 1))
    steps = tuple(
        LineStep(f"{a}-{b}", a, b, tracks_count, tracks_count > 1, STEP_KM)
        for a, b in pairwise(names)
    )
    tracks = (10, *(3 for _ in names[2:]), 10)
    return LineModel(names, tracks, (UNLIMITED_M,) * len(names), steps)


def draw_requests(
    model: LineModel, count: int, period_s: int, *, longest: int
) -> Iterator[PathRequest]:
    """Trains of two speeds and both directions over parts of the line, at even chance."""
    generator = stream(SEED, "benchmarks/train_paths", count)
    last = len(model.point_ids) - 1
    for number in range(count):
        length = int(generator.integers(min(10, longest), longest + 1))
        first = int(generator.integers(0, last - length + 1))
        points = model.point_ids[first : first + length + 1]
        is_fast = bool(generator.random() < 0.4)  # noqa: PLR2004
        depart = int(generator.integers(0, period_s))
        yield make_request(
            model,
            f"T{number:04d}",
            points if generator.random() < 0.5 else points[::-1],  # noqa: PLR2004
            [400.0 if is_fast else 600.0] * length,
            window=DepartureWindow(depart),
            traits=TrainTraits(
                category="passenger" if is_fast else "freight", priority=int(not is_fast)
            ),
        )


def draw_random_line(number: int) -> Problem:
    """A single line of 25 stations with two or three tracks, and 30 to 60 trains of a day.

    Four in ten are passenger trains of 80 to 110 km/h and weight 3, the others freight trains of
    50 to 80 km/h and weight 1; six in ten run over the whole line, the others over 8 steps or more.
    """
    generator = stream(SEED, "benchmarks/path_engine", number)
    lengths = generator.dirichlet(np.full(STATIONS - 1, 4.0)) * LINE_KM
    names = tuple(f"P{place:02d}" for place in range(STATIONS))
    steps = tuple(
        LineStep(f"{a}-{b}", a, b, length_km=float(km))
        for (a, b), km in zip(pairwise(names), lengths, strict=True)
    )
    tracks = (10, *generator.integers(2, 4, STATIONS - 2).tolist(), 10)
    model = LineModel(names, tracks, (UNLIMITED_M,) * STATIONS, steps)
    trains = []
    for train in range(int(generator.integers(30, 61))):
        is_fast, is_whole, is_forward = generator.random(3) < (0.4, 0.6, 0.5)
        speed_kmh = generator.uniform(80, 110) if is_fast else generator.uniform(50, 80)
        count = STATIONS - 1 if is_whole else int(generator.integers(8, STATIONS))
        first = int(generator.integers(0, STATIONS - count))
        points = names[first : first + count + 1]
        running = [km / speed_kmh * HOUR_S for km in lengths[first : first + count].tolist()]
        trains.append(
            make_request(
                model,
                f"T{train:02d}",
                points if is_forward else points[::-1],
                running if is_forward else running[::-1],
                window=DepartureWindow(int(generator.integers(0, DAY_S))),
                traits=TrainTraits(
                    category="passenger" if is_fast else "freight",
                    priority=int(not is_fast),
                    weight=3.0 if is_fast else 1.0,
                ),
            )
        )
    return model, trains


def draw_day(trains: int) -> Problem:
    """A day of 300 trains on a single line, or of 2,000 trains on ten times the line."""
    model = make_line(100, tracks_count=1)
    longest = 25
    if trains > 300:  # noqa: PLR2004
        model, longest = make_line(1000, tracks_count=2), 73
    return model, list(draw_requests(model, trains, DAY_S, longest=longest))


def judge(model: LineModel, paths: Sequence[TrainPath], trains: int) -> None:
    """Stop where a path breaks a rule or is missing."""
    assert len(paths) == trains  # noqa: S101
    assert not find_conflicts(model, paths)  # noqa: S101
    assert not find_unpaid(paths)  # noqa: S101


def measure_insertion() -> dict[str, Any]:
    """One path more, over the whole line, in a week of 2,000 trains; preparation apart."""
    model = make_line(100, tracks_count=1)
    requests = list(draw_requests(model, 2000, 7 * DAY_S, longest=25))
    start = time.process_time()
    planned = plan_paths(model, requests, options=PlanOptions(moves=0, leaves_late=True))
    traffic = Traffic(model, planned.paths)
    prepared = len(traffic.uses) and time.process_time() - start
    seconds, delays = [], []
    for number, day in enumerate([0.5, 1.25, 2.0, 3.5, 4.75, 5.5]):
        points = model.point_ids if number % 2 else model.point_ids[::-1]
        window = DepartureWindow(round(day * DAY_S))
        request = make_request(model, f"X{number}", points, [450.0] * 100, window=window)
        start = time.process_time()
        path = find_path(traffic, request)
        seconds.append(time.process_time() - start)
        assert path is not None  # noqa: S101
        judge(model, [*planned.paths, path], len(planned.paths) + 1)
        delays.append(path.delay_s / HOUR_S)
    return {
        "trains": len(planned.paths),
        "unplaced": len(planned.unplaced),
        "preparation_cpu_s": prepared,
        "insertion_median_cpu_s": statistics.median(seconds),
        "insertion_worst_cpu_s": max(seconds),
        "delay_median_h": statistics.median(delays),
    }


def measure_plan(problem: Problem, moves: int) -> tuple[dict[str, Any], Sequence[TrainPath]]:
    """Weighted delay of the first plan and after the moves, with the CPU seconds; the paths."""
    model, requests = problem
    start = time.process_time()
    first = plan_paths(model, requests, options=PlanOptions(moves=0))
    first_s = time.process_time() - start
    start = time.process_time()
    plan = plan_paths(model, requests, options=PlanOptions(moves=moves))
    spent = time.process_time() - start
    judge(model, plan.paths, len(requests))
    result = {
        "trains": len(requests),
        "first_h": first.cost / HOUR_S,
        "first_cpu_s": first_s,
        "moves": moves,
        "delay_h": plan.cost / HOUR_S,
        "cpu_s": spent,
    }
    return result, plan.paths


def measure_rescheduling(
    model: LineModel, paths: Sequence[TrainPath], moves: Sequence[int]
) -> dict[str, Any]:
    """Cost of new plans by moves, and of first come, first served."""
    now_s = sorted(path.arrive_at_s for path in paths)[len(paths) // 4]
    live = [path for path in paths if path.arrive_at_s > now_s]
    under_way = [path for path in live if path.arrival_s[0] <= now_s]
    held = max(under_way, key=lambda path: path.arrive_at_s).train_id
    shut = Closure("shut", now_s, now_s + 2 * HOUR_S, step=len(model.steps) // 2)
    disruption = Disruption(now_s, {held: 40 * MINUTE_S}, (shut,))

    def measure(solve: Callable[[], RescheduledPaths]) -> dict[str, Any]:
        start = time.process_time()
        new = solve()
        spent = time.process_time() - start
        assert not new.cancelled  # noqa: S101
        assert not find_conflicts(model, new.paths, closures=new.closures)  # noqa: S101
        # The train that is held between two points is slow there, and nothing else is unpaid.
        unpaid = {(one.kind, one.train_id) for one in find_unpaid(new.paths)}
        assert unpaid <= {(UnpaidKind.SLOW, held), (UnpaidKind.DWELL, held)}  # noqa: S101
        changed = len(new.changed)
        return {"h": new.cost / HOUR_S, "cpu_s": round(spent, 2), "changed": changed}

    measure(lambda: reschedule(model, paths, disruption, options=PlanOptions(moves=10)))
    measure(lambda: serve_first_come(model, paths, disruption))
    return {
        "live_trains": len(live),
        "under_way": len(under_way),
        "planned_h": sum(path.delay_s for path in paths) / HOUR_S,
        "first_come": measure(lambda: serve_first_come(model, paths, disruption)),
        **{
            f"moves_{count}": measure(
                lambda count=count: reschedule(
                    model, paths, disruption, options=PlanOptions(moves=count)
                )
            )
            for count in moves
        },
    }


def measure_lines(moves: int) -> dict[str, Any]:
    """The random lines together."""
    results = [measure_plan(draw_random_line(number), moves)[0] for number in range(LINES)]
    return {
        "first_h": sum(result["first_h"] for result in results),
        "delay_h": sum(result["delay_h"] for result in results),
        "cpu_s_median": statistics.median(result["cpu_s"] for result in results),
    }


def print_results(results: Mapping[str, Any], *, as_json: bool) -> None:
    """Print measured values as JSON or as text, a line each."""
    if as_json:
        print(json.dumps(results, indent=1))
        return
    for name, value in results.items():
        print(name)
        for key, number in value.items() if isinstance(value, dict) else [("", value)]:
            print(
                f"  {key:24} {number:.3f}" if isinstance(number, float) else f"  {key:24} {number}"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="take a tenth of the moves")
    arguments = parser.parse_args()
    share = 0.1 if arguments.quick else 1.0
    start = time.process_time()
    model, requests = draw_random_line(0)
    plan_paths(model, requests[:10], options=PlanOptions(moves=50))
    warm_up_s = time.process_time() - start
    lines = measure_lines(int(40_000 * share))
    small, _ = measure_plan(draw_day(300), int(200_000 * share))
    large, paths = measure_plan(day := draw_day(2000), int(300_000 * share))
    results: dict[str, Any] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "warm_up_cpu_s": warm_up_s,
        "one_more_path": measure_insertion(),
        "random_lines": lines,
        "day_of_300_trains": small,
        "day_of_2000_trains": large,
        "rescheduling": measure_rescheduling(day[0], paths, [0, 25_000, int(300_000 * share)]),
    }
    print_results(results, as_json=arguments.json)


if __name__ == "__main__":
    main()
