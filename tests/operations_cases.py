"""Small lines, plans and an independent judge for tests of simulated operations."""

from dataclasses import dataclass, replace

import numpy as np

from arterial.operations.line import hazards as arrays
from arterial.operations.line.event_engine import settle_plan
from arterial.operations.line.hazards import Hazards, Horizon, Shape, fill_rows, hash_name
from arterial.operations.line.layout import UNLIMITED, Intervals, make_layout
from arterial.operations.line.plan import OperationsPlan, TrainRun, build_plan

KEY = np.uint64(20_251_117)
MASK = 2**64 - 1
NO_INTERVALS = Intervals(opposing_s=0, following_s=0, headway_s=0, release_s=0)


def mix_plainly(x: int) -> int:
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def uniform_plainly(key: int, *event: int) -> float:
    z = key
    for part in event:
        z = mix_plainly(z ^ (part & MASK))
    return (z >> 11) * 2.0**-53


@dataclass(frozen=True)
class Source:
    """One thing that causes delay, as `hazards.SOURCE` holds it, with the step of an asset."""

    source_id: str
    shape: Shape = Shape.TRIANGULAR
    size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    day_rate: float = 0.0
    rate_per_s: float = 0.0
    step: int = -1
    repair_median_s: float = 0.0
    repair_sigma: float = 0.0
    closes: bool = False


def make_hazards(plan, sources=(), *, chances=(), hits=(), horizon=None) -> Hazards:
    """Hazards from sources, (event, source, mean) and (event, source, day)."""
    failures = [(each.step, n, each.rate_per_s) for n, each in enumerate(sources) if each.step >= 0]
    rows = [
        fill_rows(
            arrays.SOURCE,
            1,
            shape=each.shape,
            low=each.size[0],
            middle=each.size[1],
            high=each.size[2],
            day_rate=each.day_rate,
            group_key=hash_name(each.source_id),
            repair_median=each.repair_median_s,
            repair_sigma=each.repair_sigma,
            closes=each.closes,
        )
        for each in sources
    ]
    return arrays.make_hazards(
        plan,
        sources=np.concatenate([np.zeros(0, dtype=arrays.SOURCE), *rows]),
        chances=np.array(list(chances), dtype=arrays.CHANCE),
        hits=np.array(list(hits), dtype=arrays.DAY_HIT),
        failures=np.array(failures, dtype=arrays.FAILURE),
        horizon=horizon,
    )


def run_along(name, points, steps, start_s, running_s, *, dwell_s=0, weight=1) -> TrainRun:
    """A run that stands `dwell_s` at every point between."""
    arrivals, departures, clock = [start_s], [start_s], start_s
    for place, running in enumerate(running_s):
        clock += running
        arrivals.append(clock)
        clock += dwell_s if place < len(running_s) - 1 else 0
        departures.append(clock)
    return TrainRun(
        run_id=name,
        points=tuple(points),
        steps=tuple(steps),
        arrival_s=tuple(arrivals),
        departure_s=tuple(departures),
        least_running_s=tuple(running_s),
        least_dwell_s=(0, *[dwell_s] * (len(steps) - 1), 0),
        train_key=name.split("/")[0],
        weight=weight,
    )


def queue_plan(starts_s, services_s) -> OperationsPlan:
    """Customers of a single server: trains that follow each other over one step."""
    layout = make_layout([UNLIMITED, UNLIMITED], [(0, 1)], intervals=NO_INTERVALS)
    runs = [
        run_along(f"c/{n}", (0, 1), (0,), int(start), [int(service)])
        for n, (start, service) in enumerate(zip(starts_s, services_s, strict=True))
    ]
    return build_plan(layout, runs)


def random_line(seed: int, *, points: int = 6, runs: int = 14) -> OperationsPlan:
    """A settled plan on a corridor with two to four tracks at a point, some steps double."""
    rng = np.random.default_rng(seed)
    layout = make_layout(
        rng.integers(2, 5, points).tolist(),
        [(i, i + 1) for i in range(points - 1)],
        step_tracks=rng.choice([1, 1, 1, 2], points - 1).tolist(),
        follows=rng.choice([True, False], points - 1).tolist(),
        intervals=Intervals(60, 120, 150, 60),
    )
    times = rng.integers(200, 500, points - 1)
    listed = []
    for number in range(runs):
        a, b = sorted(rng.choice(points, 2, replace=False).tolist())
        along = list(range(a, b + 1))
        steps = list(range(a, b))
        if rng.random() < 0.5:
            along, steps = along[::-1], steps[::-1]
        listed.append(
            run_along(
                f"r/{number}",
                along,
                steps,
                int(rng.integers(0, 9000)),
                [int(times[s]) for s in steps],
                dwell_s=int(rng.integers(0, 60)),
                weight=int(rng.integers(1, 4)),
            )
        )
    return settle_plan(build_plan(layout, listed))


def rough_hazards(plan: OperationsPlan, *, chance: float = 0.1) -> Hazards:
    """Disturbances at events, and failures that close steps or slow trains down."""
    sources = [Source("even", Shape.EXPONENTIAL, (240.0, 0.0, 0.0))]
    sources += [
        Source(
            f"asset-{step}",
            Shape.LOGNORMAL,
            (120.0, 0.7, 0.0),
            rate_per_s=2e-5,
            step=step,
            repair_median_s=1500.0,
            repair_sigma=0.6,
            closes=step % 2 == 0,
        )
        for step in range(plan.layout.step_tracks.size)
    ]
    return make_hazards(
        plan,
        sources,
        chances=[(event, 0, chance) for event in range(plan.events_count)],
        horizon=Horizon(-3600, 40_000),
    )


def with_slack(plan: OperationsPlan, share: float) -> OperationsPlan:
    """The plan with shorter least running times."""
    runs = [
        replace(run, least_running_s=tuple(int(t * (1 - share)) for t in run.least_running_s))
        for run in plan.runs
    ]
    return build_plan(plan.layout, runs, plan.connections)


def judge_times(plan: OperationsPlan, times: np.ndarray) -> list[str]:
    """What is wrong with the times of one replication; looks at nothing but times and line."""
    wrong = ["before plan"] if (times < plan.events.planned).any() else []
    release = int(plan.layout.release_s)
    uses: dict[int, list[tuple[int, int, int]]] = {}
    stays: dict[int, list[tuple[int, int]]] = {}
    for number, run in enumerate(plan.runs):
        first = int(plan.events.first[number])
        for place, step in enumerate(run.steps):
            leave, come = (int(t) for t in times[first + 2 * place : first + 2 * place + 2])
            if come - leave < run.least_running_s[place]:
                wrong.append(f"{run.run_id} too fast")
            uses.setdefault(step, []).append(
                (leave, come, int(plan.events.direction[first + 2 * place]))
            )
            is_last = place == len(run.steps) - 1
            away = come if is_last else int(times[first + 2 * place + 2])
            stays.setdefault(run.points[place + 1], []).append((come, away + release))
    for step, users in uses.items():
        pairs = [(one, two) for one in users for two in users if one < two]
        wrong += [f"step {step}: {pair}" for pair in pairs if not are_apart(plan, step, *pair)]
    for point, held in stays.items():
        most = max(sum(a <= start < b for a, b in held) for start, _ in held)
        if most > plan.layout.tracks[point]:
            wrong.append(f"point {point} holds {most}")
    return wrong


def are_apart(plan, step, one, two) -> bool:
    """Whether two trains keep their interval on a step, the first entering first."""
    opposing, following, headway = plan.layout.between[step, two[2]].tolist()
    if one[2] != two[2]:
        return bool(plan.layout.step_tracks[step] > 1 or two[0] >= one[1] + opposing)
    if plan.layout.follows[step]:
        return two[0] >= one[0] + headway and two[1] >= one[1] + headway
    return two[0] >= one[1] + following
