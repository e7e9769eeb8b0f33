"""The search of `arterial.dispatching.paths` against the older one of `timetable.paths`.

Both get the same CPU seconds and pay the same losses of stops; both results are judged by
`find_conflicts` and `find_unpaid`. `--json` prints JSON, `--quick` takes a tenth of the moves.

1. Twenty random single lines of 300 km and 25 stations with 30 to 60 trains.
2. A day of 300 trains on a single line of 1,000 km.
3. A day of 2,000 trains on a line of two tracks and 10,000 km.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np

from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.randomness import stream
from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    PathRequest,
    ResolveOptions,
    TrainPath,
    TrainTraits,
    find_conflicts,
    find_unpaid,
    make_conflict_free,
    make_request,
)
from arterial.units import DAY_S, HOUR_S
from train_paths import SEED, draw_requests, make_line

LINES = 20
STATIONS = 25
LINE_KM = 300.0
UNLIMITED_M = 1e9
PROBE_ROUNDS = 10

Problem = tuple[LineModel, list[PathRequest]]


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
    """The day of 300 trains of `train_paths`, or 2,000 trains on ten times the line."""
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


def resolve_within(problem: Problem, seconds: float) -> dict[str, Any]:
    """The older search in so many CPU seconds, its annealing stretched over all of them."""
    model, requests = problem
    # Its limit is one of wall time; here it counts CPU time.
    with patch("arterial.timetable.paths.resolving.time.monotonic", time.process_time):
        start = time.process_time()
        first = make_conflict_free(model, requests, options=ResolveOptions(rounds=0))
        first_s = time.process_time() - start
        options = ResolveOptions(rounds=PROBE_ROUNDS, time_limit_s=3600, is_bounded=False)
        start = time.process_time()
        make_conflict_free(model, requests, options=options)
        round_s = (time.process_time() - start - first_s) / PROBE_ROUNDS
        left_s = max(seconds - first_s, 0.0)
        rounds = max(int(left_s / max(round_s, 1e-4)), 1)
        options = ResolveOptions(rounds=rounds, time_limit_s=left_s, seed=1, is_bounded=False)
        start = time.process_time()
        found = make_conflict_free(model, requests, options=options)
        spent = time.process_time() - start
    judge(model, found.paths, len(requests))
    return {"first_h": first.cost / HOUR_S, "h": found.cost / HOUR_S, "rounds": found.rounds,
            "cpu_s": spent}  # fmt: skip


def compare(problem: Problem, moves: int) -> dict[str, Any]:
    """Weighted delay of both searches in the CPU seconds that the moves take."""
    model, requests = problem
    start = time.process_time()
    first = plan_paths(model, requests, options=PlanOptions(moves=0))
    first_s = time.process_time() - start
    start = time.process_time()
    plan = plan_paths(model, requests, options=PlanOptions(moves=moves))
    spent = time.process_time() - start
    judge(model, plan.paths, len(requests))
    old = resolve_within(problem, spent)
    return {
        "trains": len(requests),
        "first_h": first.cost / HOUR_S,
        "first_cpu_s": first_s,
        "moves": moves,
        "delay_h": plan.cost / HOUR_S,
        "cpu_s": spent,
        "old": old,
        "ratio": plan.cost / HOUR_S / old["h"] if old["h"] else 1.0,
    }


def measure_lines(moves: int) -> dict[str, Any]:
    """The random lines together and one by one."""
    results = [compare(draw_random_line(number), moves) for number in range(LINES)]
    ratios = sorted(result["ratio"] for result in results)
    return {
        "worst_ratio": ratios[-1],
        "median_ratio": statistics.median(ratios),
        "best_ratio": ratios[0],
        "delay_h": sum(result["delay_h"] for result in results),
        "old_delay_h": sum(result["old"]["h"] for result in results),
        "cpu_s_median": statistics.median(result["cpu_s"] for result in results),
    }


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
    results: dict[str, Any] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "warm_up_cpu_s": time.process_time() - start,
        "random_lines": measure_lines(int(40_000 * share)),
        "day_of_300_trains": compare(draw_day(300), int(200_000 * share)),
        "day_of_2000_trains": compare(draw_day(2000), int(400_000 * share)),
    }
    if arguments.json:
        print(json.dumps(results, indent=1))
        return
    for name, value in results.items():
        print(name)
        for key, number in value.items() if isinstance(value, dict) else [("", value)]:
            print(
                f"  {key:24} {number:.3f}" if isinstance(number, float) else f"  {key:24} {number}"
            )


if __name__ == "__main__":
    main()
