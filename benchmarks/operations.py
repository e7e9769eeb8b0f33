"""Speed of simulated operations, in one run: both engines, and a twin written with simpy.

A made-up single-track corridor of 61 points, 200 trains over its whole length, exponential
disturbances of 5 min with the same mean number at every event. Processes are started, warmed up
(compiled code is loaded) and then measured together; a speed is all train runs over the longest
wall time, and by CPU time where other work shares the machine.

usage: python benchmarks/operations.py [--processes 2] [--replications 2048] [--json FILE]
       [--page docs/benchmarks/operations.md]
"""

import argparse
import json
import multiprocessing
import os
import platform
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np

from arterial.operations.chance import make_key
from arterial.operations.line.event_engine import Policy, simulate_events
from arterial.operations.line.hazards import Hazards
from arterial.operations.line.plan import OperationsPlan
from arterial.operations.line.sampling_kernel import clear_draws, draw_replication, make_draws
from fixed_order import simulate_fixed_order
from operations_corridor import disturb_evenly, make_corridor
from operations_simpy import simulate_with_simpy

MEAN_S = 300.0
CHANCES = (0.0, 0.01, 0.05)
SPACING_S = 1800
SLACK = 0.08
KEY = make_key(1, "benchmark")
CASES = ("fixed", "fixed_parts", "first_come", "planned_order", "least_delay")
POLICIES = {
    "first_come": Policy.FIRST_COME,
    "planned_order": Policy.PLANNED_ORDER,
    "least_delay": Policy.LEAST_DELAY,
}


def make_case() -> OperationsPlan:
    """The corridor."""
    return make_corridor(spacing_s=SPACING_S, slack_share=SLACK)


def simulate(case: str, plan: OperationsPlan, hazards: Hazards, first: int, count: int) -> float:
    """Mean delay of replications [s]."""
    if case.startswith("fixed"):
        done = simulate_fixed_order(
            plan,
            hazards,
            key=KEY,
            replications=count,
            first_replication=first,
            with_parts=case == "fixed_parts",
        )
    else:
        done = simulate_events(
            plan,
            hazards,
            key=KEY,
            replications=count,
            first_replication=first,
            policy=POLICIES[case],
        )
    return float(done.delay_s.mean())


def work(task: tuple[str, float, int, int], gate: Barrier, answers: Queue) -> None:
    """Measure one case in this process, once all are ready."""
    case, chance, first, count = task
    plan = make_case()
    hazards = disturb_evenly(plan, chance, MEAN_S)
    simulate(case, plan, hazards, 0, 16)
    gate.wait()
    wall, cpu = time.perf_counter(), time.process_time()
    mean_s = simulate(case, plan, hazards, first, count)
    answers.put((time.perf_counter() - wall, time.process_time() - cpu, mean_s))


def measure(case: str, chance: float, count: int, processes: int) -> dict[str, Any]:
    """Train runs a second of one case on some processes."""
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(processes), context.Queue()
    started = [
        context.Process(target=work, args=((case, chance, k * count, count), gate, answers))
        for k in range(processes)
    ]
    for process in started:
        process.start()
    found = [answers.get() for _ in started]
    for process in started:
        process.join()
    runs = 200 * count * processes
    return {
        "case": case,
        "chance": chance,
        "processes": processes,
        "train_runs": runs,
        "per_wall_s": runs / max(wall for wall, _, _ in found),
        "per_cpu_s": runs / sum(cpu for _, cpu, _ in found),
        "mean_delay_min": sum(mean for _, _, mean in found) / len(found) / 60,
    }


def compare_with_simpy(count: int) -> dict[str, Any]:
    """The same replications by the engine and by the twin."""
    plan = make_case()
    hazards = disturb_evenly(plan, 0.01, MEAN_S)
    simulate("first_come", plan, hazards, 0, 2)
    start = time.process_time()
    ours = simulate_events(plan, hazards, key=KEY, replications=count).delay_s
    ours_s = time.process_time() - start
    draws = make_draws(plan.events_count, plan.layout.step_tracks.size, 1 << 16)
    factor, theirs, theirs_s = np.ones(1), [], 0.0
    for replication in range(count):
        clear_draws(draws)
        draw_replication(hazards, factor, KEY, replication, 0, draws)
        entries = draws.entries[: draws.counters["entries"][0]]
        drawn: dict[int, int] = {}
        for event, seconds in zip(entries["event"], entries["seconds"], strict=True):
            drawn[int(event)] = drawn.get(int(event), 0) + int(seconds)
        start = time.process_time()
        theirs.append(simulate_with_simpy(plan, drawn))
        theirs_s += time.process_time() - start
    return {
        "replications": count,
        "engine_per_cpu_s": ours.size / ours_s,
        "simpy_per_cpu_s": ours.size / theirs_s,
        "ratio": theirs_s / ours_s,
        "engine_mean_min": float(ours.mean()) / 60,
        "simpy_mean_min": float(np.mean(theirs)) / 60,
        "equal_runs_share": float((ours == np.array(theirs)).mean()),
    }


PAGE = """# Simulated operations: measured

`python benchmarks/operations.py`; {machine}, {cores} cores, quiet while these runs
were made; of the event-driven model one engine process is compared with one of simpy below.
A made-up single-track corridor: 61 points, 200 trains, 24,000 events; exponential disturbances of
5 min at the given mean number an event. Compiled code was loaded before.

| engine | disturbances | processes | train runs a second | a CPU second | mean delay min |
|---|---|---|---|---|---|
{rows}

*fixed* keeps the planned order and gives delays; *fixed parts* attributes them too. The others are
the event-driven engine under its policies, always with attribution.

## Beside simpy

The event-driven model, first come first served, once more with simpy (a process for each train, a
queue for each step; `benchmarks/operations_simpy.py`) on the same {replications} replications, one
process each:

| | engine | simpy |
|---|---|---|
| train runs a CPU second | {engine_per_cpu_s:,.0f} | {simpy_per_cpu_s:,.0f} |
| mean delay min | {engine_mean_min:.4f} | {simpy_mean_min:.4f} |

{ratio:.0f} times as fast, attribution included. {equal:.2f} % of all train runs have the same delay
to the second.
"""

ROW = (
    "| {name} | {chance:g} | {processes} | {per_wall_s:,.0f} | {per_cpu_s:,.0f} "
    "| {mean_delay_min:.3f} |"
)


def format_page(found: dict[str, Any]) -> str:
    """The page: what was measured, in tables."""
    rows = [ROW.format(name=row["case"].replace("_", " "), **row) for row in found["rows"]]
    twin = found["simpy"]
    return PAGE.format(
        machine=found["machine"],
        cores=found["cores"],
        rows="\n".join(rows),
        equal=100 * twin["equal_runs_share"],
        **twin,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replications", type=int, default=2048)
    parser.add_argument("--twin", type=int, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    rows = []
    for case in CASES:
        for chance in CHANCES if case == "fixed" else (0.01,):
            share = 1 if case == "fixed" else 8
            count = max(options.replications // share, 16)
            rows.append(measure(case, chance, count, options.processes))
            print(json.dumps(rows[-1]))
    found = {
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "rows": rows,
        "simpy": compare_with_simpy(options.twin),
    }
    print(json.dumps(found["simpy"]))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.page:
        options.page.write_text(format_page(found))


if __name__ == "__main__":
    main()
