"""The commands ``arterial workshop solve | check``: schedule problem files, judge schedules."""

import gc
import json
import os
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from arterial.cli.printing import AsJson, be_finite

__all__ = ["START_S", "check", "solve"]

# Place of the start among the fields behind the name in Linux's /proc/self/stat.
START_FIELD: Final = 19
# A process that is older when it imports this is no command but a program that uses it.
LONGEST_START_S: Final = 10.0


def _measure_start_s() -> float:
    """Wall time since the process began [s]; 0 where the system does not tell."""
    try:
        fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
        began_s = int(fields[START_FIELD]) / os.sysconf("SC_CLK_TCK")
        running_s = time.clock_gettime(time.CLOCK_BOOTTIME) - began_s
    except (OSError, ValueError, AttributeError, IndexError):
        return 0.0
    return running_s if 0.0 <= running_s <= LONGEST_START_S else 0.0


# The limits of `solve` and `dispatch` are wall time of the whole command, imports included.
START_S: Final = _measure_start_s()

ProblemFile = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="Patterson, job shop or flexible job shop, as text."),
]


def solve(
    file: ProblemFile,
    time_limit: Annotated[
        float,
        typer.Option(
            help="Wall time to stay within.",
            metavar="SECONDS",
            min=0.1,
            max=1e6,
            callback=be_finite,
        ),
    ] = 60.0,
    workers: Annotated[int, typer.Option(help="Threads; 0 = one a core.", min=0, max=64)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the search.", min=0, max=2**31 - 1)] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Schedule to write, as JSON.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find a short schedule and a bound of its length."""
    called_at = time.perf_counter()
    from arterial.flows.schedule import describe_solve, solve_file

    result = solve_file(
        file,
        seconds=time_limit,
        seed=seed,
        workers=workers or os.cpu_count() or 1,
        output=output,
        spent_s=START_S + time.perf_counter() - called_at,
        announce=partial(typer.echo, err=True),
    )
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else describe_solve(result))
    # Clearing away the solvers' objects one by one takes up to seconds on a busy machine.
    gc.freeze()


def check(
    file: ProblemFile,
    schedule: Annotated[Path, typer.Argument(metavar="SCHEDULE.json", help="What to judge.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Judge a schedule by the rules of its problem."""
    from arterial.flows.schedule import check_file, describe_check

    result = check_file(file, schedule)
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else describe_check(result))
    if not result["is_accepted"]:
        raise typer.Exit(1)
