"""Schedule the tasks of a problem file, or judge a schedule file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from arterial.errors import InfeasibleError
from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.schedule_files import (
    read_schedule,
    read_schedule_problem,
    schedule_record,
    write_schedule,
)
from arterial.writing import refuse_output

__all__ = ["check_file", "describe_check", "describe_solve", "solve_file"]

LEAST_SECONDS: Final = 0.1
# To judge, print and end takes about as long as to start: more on a machine with other work.
CLOSING_FACTOR: Final = 0.75
LEAST_CLOSING_S: Final = 0.1
MOST_CLOSING_SHARE: Final = 0.2


def solve_file(
    file: Path | str,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    workers: int = 1,
    output: Path | str | None = None,
    spent_s: float = 0.0,
    announce: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Schedule a problem file, have the independent judge check it, and write it if wanted.

    Parameters
    ----------
    file : Path
        Project, job shop or flexible job shop.
    seconds : float
        Wall time of everything [s].
    seed, workers : int
        Seed and threads of the search.
    output : Path, optional
        Schedule to write.
    spent_s : float
        What was spent before the call [s].
    announce : callable, optional
        Called with what to tell while kernels are compiled; the exact model works meanwhile.

    Returns
    -------
    dict
        Makespan, lower bound, status, seconds, start and mode of each task.
    """
    started = time.perf_counter()
    file, output = Path(file), None if output is None else Path(output)
    if output is not None:
        refuse_output(output, inputs=[file])
    problem = read_schedule_problem(file)
    from arterial.compiling import COMPILING
    from arterial.workshop import schedule_tasks
    from arterial.workshop.portfolio import choose_search, warm_search

    if announce is not None and not warm_search(choose_search(problem)).is_ready:
        announce(COMPILING)
    spent_s += time.perf_counter() - started
    closing_s = max(LEAST_CLOSING_S, CLOSING_FACTOR * spent_s)
    closing_s = min(closing_s, MOST_CLOSING_SHARE * seconds)
    left_s = max(LEAST_SECONDS, seconds - closing_s - spent_s)
    outcome = schedule_tasks(problem, seconds=left_s, seed=seed, workers=workers)
    # A schedule that breaks a rule must never leave the house, whatever made it.
    verdict = check_schedule(problem, outcome.schedule, makespan=outcome.value)
    if not verdict.is_accepted:
        message = "The schedule found breaks a rule; nothing was written."
        raise InfeasibleError(message, verdict.faults)
    if output is not None:
        write_schedule(problem, outcome.schedule, output)
    record = schedule_record(problem, outcome.schedule)
    return {
        "problem": problem.name,
        "kind": problem.kind.value,
        "makespan": outcome.value,
        "lower_bound": outcome.bound,
        "status": outcome.status.value,
        "found_by": outcome.found_by,
        "seconds": round(spent_s + outcome.seconds, 2),
        **{key: value for key, value in record.items() if key != "makespan"},
        "written": None if output is None else str(output),
    }


def check_file(file: Path | str, schedule_file: Path | str) -> dict[str, Any]:
    """Judge a schedule file.

    Returns
    -------
    dict
        Makespan counted anew, whether the schedule is accepted, and each breach.
    """
    schedule, claimed = read_schedule(Path(schedule_file))
    verdict = check_schedule(read_schedule_problem(Path(file)), schedule, makespan=claimed)
    return {
        "schedule": str(schedule_file),
        "makespan": verdict.makespan,
        "is_accepted": verdict.is_accepted,
        "faults": [str(fault) for fault in verdict.faults],
    }


def describe_solve(result: dict[str, Any]) -> str:
    """The result of scheduling as text."""
    bound = result["lower_bound"]
    gap = "" if not bound else f", gap {100 * (result['makespan'] - bound) / bound:.2f} %"
    text = (
        f"{result['problem']} ({result['kind']}): makespan {result['makespan']}, bound {bound}"
        f"{gap} ({result['status']}), {result['seconds']} s, found by {result['found_by']}."
    )
    lines = [text]
    if result["written"]:
        lines.append(f"Wrote {result['written']}.")
    return "\n".join(lines)


def describe_check(result: dict[str, Any]) -> str:
    """The result of a check as text."""
    if result["is_accepted"]:
        return f"Accepted: makespan {result['makespan']}."
    return "\n".join([f"Refused: {len(result['faults'])} faults.", *result["faults"]])
