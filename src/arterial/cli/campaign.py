"""The command of renewal campaigns: ``arterial campaign``."""

import os
from typing import Annotated

import typer

from arterial.cli.printing import (
    Agreed,
    AsJson,
    OutputFolder,
    StudyFolder,
    Verbose,
    be_finite,
)

__all__ = ["campaign"]


def campaign(
    study: StudyFolder,
    output: OutputFolder = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            help="Wall time of the solver; else that of study.toml.",
            metavar="SECONDS",
            min=0.01,
            max=100_000,
            callback=be_finite,
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    *,
    is_verbose: Verbose = False,
    is_agreed: Agreed = False,
    as_json: AsJson = False,
) -> None:
    """Plan which works to do in which month, prove how good the plan is, and simulate it."""
    from arterial.compute import Workers
    from arterial.progress import StepTimes, show_progress

    count = workers or os.cpu_count() or 1
    with (
        show_progress(is_quiet=as_json) as report_step,
        Workers(count, module="arterial.flows.campaign") as team,
    ):
        # Imported beside the other process, which has just begun to do the same.
        from arterial.flows.campaign import plan_campaign

        outcome = plan_campaign(
            study,
            output=output,
            time_limit_s=time_limit,
            workers=team,
            report_step=(times := StepTimes(report_step)),
            is_agreed=is_agreed,
        )
    from arterial.cli.answers import print_outcome

    print_outcome(outcome, times.describe(), is_verbose=is_verbose, as_json=as_json)
