"""Dispatch the trains of a problem file, or judge a solution file."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from arterial.dispatching import dispatch_trains
from arterial.dispatching.portfolio import warm_kernels
from arterial.errors import InfeasibleError
from arterial.exchange.displib import read_problem, read_solution, write_solution
from arterial.exchange.displib_check import check_solution
from arterial.writing import refuse_output

__all__ = ["check_file", "describe_check", "describe_dispatch", "dispatch_file"]

LEAST_SECONDS: Final = 0.1
# Time to judge and write the plan, and to end, as multiples of what reading and starting took:
# both grow alike on a machine with other work.
CLOSING_FACTOR: Final = 1.5
ENDING_FACTOR: Final = 0.4
MOST_CLOSING_SHARE: Final = 0.2


def dispatch_file(
    instance: Path | str,
    output: Path | str,
    *,
    seconds: float = 600.0,
    seed: int = 0,
    workers: int = 1,
    report_value: Callable[[int, int], None] | None = None,
    spent_s: float = 0.0,
    announce: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Solve a problem file, have the independent checker judge the answer, and write it.

    Parameters
    ----------
    instance, output : Path
        Problem to read, solution to write.
    seconds : float
        Wall time of everything [s] but compiling, once after installation.
    seed, workers : int
        Seed and processes of the search.
    report_value : callable, optional
        Called with value and bound after each round.
    spent_s : float
        What was spent before the call [s].
    announce : callable, optional
        Called with what to tell whoever waits for kernels.

    Returns
    -------
    dict
        Value, bound, gap, status, seconds: as the command prints them.
    """
    started = time.perf_counter()
    instance, output = Path(instance), Path(output)
    refuse_output(output, inputs=[instance])
    warmings = warm_kernels()
    problem = read_problem(instance)
    read_s = time.perf_counter() - started
    for warming in warmings:
        warming.wait(announce)
    closing_s = CLOSING_FACTOR * read_s + ENDING_FACTOR * spent_s
    closing_s = min(closing_s, MOST_CLOSING_SHARE * seconds)
    outcome = dispatch_trains(
        problem,
        seconds=max(LEAST_SECONDS, seconds - spent_s - read_s - closing_s),
        seed=seed,
        workers=workers,
        report_value=report_value,
    )
    # A plan that breaks a rule must never leave the house, whatever made it.
    verdict = check_solution(problem, outcome.solution)
    if not verdict.is_accepted:
        message = "The plan found breaks a rule of the format; nothing was written."
        raise InfeasibleError(message, verdict.faults)
    write_solution(outcome.solution, output)
    return {
        "instance": problem.name,
        "value": outcome.value,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "status": outcome.status.value,
        "found_by": outcome.found_by,
        "seconds": round(spent_s + read_s + outcome.seconds, 2),
        "solution": str(output),
    }


def check_file(instance: Path | str, solution: Path | str) -> dict[str, Any]:
    """Judge a solution file by the rules of the format.

    Returns
    -------
    dict
        Value counted anew, whether it is accepted, and each breach.
    """
    verdict = check_solution(read_problem(Path(instance)), read_solution(Path(solution)))
    return {
        "solution": str(solution),
        "value": verdict.objective_value,
        "is_accepted": verdict.is_accepted,
        "faults": [str(fault) for fault in verdict.faults],
    }


def describe_dispatch(result: dict[str, Any]) -> str:
    """The result of a dispatch as text."""
    gap = "unknown" if result["gap"] is None else f"{100 * result['gap']:.2f} %"
    return (
        f"Value {result['value']}, bound {result['bound']}, gap {gap} ({result['status']}), "
        f"{result['seconds']} s, found by {result['found_by']}.\nWrote {result['solution']}."
    )


def describe_check(result: dict[str, Any]) -> str:
    """The result of a check as text."""
    if result["is_accepted"]:
        return f"Accepted: value {result['value']}."
    return "\n".join([f"Refused: {len(result['faults'])} faults.", *result["faults"]])
