"""Speed of the search for train paths, in one run; `--json` prints JSON.

1. One path more in a week of 2,000 trains on a line of 100 sections: preparation (the trains that
   stand, compiled kernels) apart, then the median of several insertions.
2. A day of 300 trains on a single line of 1,000 km: first timetable without conflict, then
   improvement within a time limit, checked by the independent list of conflicts.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from arterial.dispatching.paths.bounds import bound_delays
from arterial.randomness import stream
from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    PathRequest,
    ResolveOptions,
    Traffic,
    TrainTraits,
    find_conflicts,
    find_path,
    make_conflict_free,
    make_request,
)
from arterial.units import DAY_S

SEED = 20251118
STEP_KM = 10.0
UNLIMITED_M = 1e9
IMPROVE_S = 20.0
ROUNDS = 1500
BOUND_S = 8.0


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


def measure_insertion() -> dict[str, Any]:
    """Times of one path more in a week of 2,000 trains."""
    model = make_line(100, tracks_count=1)
    start = time.perf_counter()
    requests = list(draw_requests(model, 2000, 7 * DAY_S, longest=25))
    resolved = make_conflict_free(model, requests, options=ResolveOptions(rounds=0))
    traffic = Traffic.of(model, resolved.paths)
    prepared = time.perf_counter() - start
    seconds, delays = [], []
    for number, day in enumerate([0.5, 1.25, 2.0, 3.5, 4.75, 5.5]):
        points = model.point_ids if number % 2 else model.point_ids[::-1]
        window = DepartureWindow(round(day * DAY_S))
        request = make_request(model, f"X{number}", points, [450.0] * 100, window=window)
        start = time.perf_counter()
        path = find_path(traffic, request)
        seconds.append(time.perf_counter() - start)
        assert path is not None  # noqa: S101
        assert not find_conflicts(model, [*resolved.paths, path])  # noqa: S101
        delays.append(path.delay_s / 3600)
    return {
        "trains": len(resolved.paths),
        "unplaced": len(resolved.unplaced),
        "preparation_s": prepared,
        "insertion_median_s": statistics.median(seconds),
        "insertion_worst_s": max(seconds),
        "delay_median_h": statistics.median(delays),
    }


def measure_day() -> dict[str, Any]:
    """Times and quality of a day of 300 trains on 1,000 km."""
    model = make_line(100, tracks_count=1)
    requests = list(draw_requests(model, 300, DAY_S, longest=25))
    start = time.perf_counter()
    first = make_conflict_free(model, requests, options=ResolveOptions(rounds=0))
    first_s = time.perf_counter() - start
    start = time.perf_counter()
    options = ResolveOptions(rounds=ROUNDS, time_limit_s=IMPROVE_S, seed=SEED)
    better = make_conflict_free(model, requests, options=options)
    better_s = time.perf_counter() - start
    for resolved in (first, better):
        assert not find_conflicts(model, resolved.paths)  # noqa: S101
    start = time.perf_counter()
    bound = bound_delays(model, requests, cost=better.cost, seconds=BOUND_S)
    bound = max(better.bound, bound)
    bound_s = time.perf_counter() - start
    running = float(np.sum([request.free_running_s for request in requests])) / 3600
    return {
        "trains": len(first.paths),
        "unplaced": len(first.unplaced),
        "first_s": first_s,
        "free_running_h": running,
        "first_delay_h": first.cost / 3600,
        "improved_s": better_s,
        "improved_delay_h": better.cost / 3600,
        "rounds": better.rounds,
        "bound_s": bound_s,
        "bound_delay_h": bound / 3600,
        "bound_alone_delay_h": better.bound / 3600,
    }


def warm_up() -> float:
    """Seconds that compiling the kernels takes, or reading them from disk."""
    start = time.perf_counter()
    model = make_line(3, tracks_count=1)
    requests = list(draw_requests(model, 4, 3600, longest=2))
    make_conflict_free(model, requests, options=ResolveOptions(rounds=1))
    return time.perf_counter() - start


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
    arguments = parser.parse_args()
    results = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "warm_up_s": warm_up(),
        "one_more_path": measure_insertion(),
        "day_of_300_trains": measure_day(),
    }
    print_results(results, as_json=arguments.json)


if __name__ == "__main__":
    main()
