"""The command of trains without conflicts: ``arterial dispatch``."""

import gc
import os
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from arterial.cli.printing import AsJson, ExitCode, be_finite, print_result
from arterial.cli.timetable import Moves, dispatch_study
from arterial.cli.workshop import START_S

__all__ = ["dispatch"]


def dispatch(  # noqa: PLR0917 the options of one command
    instance: Annotated[
        Path,
        typer.Argument(metavar="INSTANCE.json | STUDY", help="Problem file, or folder of a study."),
    ],
    solution: Annotated[
        Path | None, typer.Argument(metavar="[SOLUTION.json]", help="With --check: what to judge.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Solution to write; else INSTANCE.solution.json."),
    ] = None,
    time_limit: Annotated[
        float,
        typer.Option(
            help="Wall time to stay within.",
            metavar="SECONDS",
            min=0.1,
            max=1e6,
            callback=be_finite,
        ),
    ] = 600.0,
    seed: Annotated[int, typer.Option(help="Seed of the search.", min=0, max=2**63 - 1)] = 0,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    day: Annotated[
        str | None, typer.Option("--date", help="Operating day of a study.", metavar="DATE")
    ] = None,
    delay: Annotated[
        list[str] | None, typer.Option(help="Train that leaves later.", metavar="TRAIN=MIN")
    ] = None,
    close: Annotated[
        list[str] | None,
        typer.Option(help="Section that is shut, local times.", metavar="SECTION=HH:MM-HH:MM"),
    ] = None,
    speed: Annotated[
        list[str] | None, typer.Option(help="Section that is slow.", metavar="SECTION=KMH")
    ] = None,
    moves: Moves = 20_000,
    *,
    is_check: Annotated[
        bool, typer.Option("--check", help="Judge SOLUTION.json instead of solving.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Plan trains without conflicts at least delay (DISPLIB 2025 or a study), or judge a plan.

    For the folder of a study: its trains of --date planned anew once some are late, or track is
    shut or slow.
    """
    called_at = time.perf_counter()
    if instance.is_dir():
        if is_check or solution is not None:
            message = "--check judges a SOLUTION.json of a problem file; a study has none."
            raise typer.BadParameter(message)
        if day is None:
            message = "A study needs --date."
            raise typer.BadParameter(message)
        dispatch_study(
            instance,
            day,
            delays=delay or [],
            closed=close or [],
            speeds=speed or [],
            moves=moves,
            output=output,
            as_json=as_json,
        )
        return
    from arterial.flows.dispatch import check_file, describe_check, describe_dispatch, dispatch_file

    if is_check != (solution is not None):
        message = "A SOLUTION.json goes with --check, and only with it."
        raise typer.BadParameter(message)
    if solution is not None:
        judged = check_file(instance, solution)
        print_result(judged, describe_check(judged), as_json=as_json)
        if not judged["is_accepted"]:
            raise typer.Exit(ExitCode.FAULTY_DATA)
        return
    found = dispatch_file(
        instance,
        output or instance.with_suffix(".solution.json"),
        seconds=time_limit,
        seed=seed,
        workers=workers or os.cpu_count() or 1,
        spent_s=START_S + time.perf_counter() - called_at,
        announce=partial(typer.echo, err=True),
    )
    print_result(found, describe_dispatch(found), as_json=as_json)
    # Clearing away the solvers' objects one by one takes up to seconds on a busy machine.
    gc.freeze()
