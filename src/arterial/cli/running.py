"""Commands that compute: ``arterial run | running-time | path``."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from arterial.cli.claims import AsKnownDay
from arterial.cli.printing import (
    Agreed,
    AsJson,
    OutputFolder,
    StudyFolder,
    Verbose,
    be_finite,
    print_result,
)
from arterial.cli.timetable import read_date

__all__ = ["run", "running_time", "special_path"]


def run(
    study: StudyFolder,
    output: OutputFolder = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the run; its folder is STUDY/runs/NAME.")
    ] = None,
    as_known: AsKnownDay = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    *,
    is_verbose: Verbose = False,
    is_agreed: Agreed = False,
    as_json: AsJson = False,
) -> None:
    """Resolve the study's services, check them, and write tables and report."""
    from arterial.compute import Workers
    from arterial.progress import show_progress

    if name is not None and output is not None:
        message = "--name and --output exclude each other."
        raise typer.BadParameter(message)
    count = workers or os.cpu_count() or 1
    day = None if as_known is None else read_date(as_known)
    with (
        show_progress(is_quiet=as_json) as report_step,
        Workers(count, module="arterial.flows.run") as team,
    ):
        # Imported beside the other process, which has just begun to do the same.
        from arterial.flows.run import run_study

        outcome = run_study(
            study,
            output=output,
            name=name,
            as_known=day,
            workers=team,
            report_step=report_step,
            is_agreed=is_agreed,
        )
    from arterial.cli.answers import print_outcome

    print_outcome(outcome, is_verbose=is_verbose, as_json=as_json)


def running_time(
    path: Annotated[Path, typer.Argument(metavar="PATH.csv", help="Path table.")],
    train: Annotated[Path, typer.Argument(metavar="TRAIN.toml", help="Train file.")],
    restrict: Annotated[
        list[str] | None,
        typer.Option(help="Speed restriction; may be repeated.", metavar="FROM_M-TO_M:KMH"),
    ] = None,
    allowance: Annotated[
        str | None, typer.Option(help="Regularity margin to add, by name.", metavar="NAME")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compute the running time of one train on one path, without a study."""
    from arterial.flows.running_time import format_running_time, read_restrictions, time_files

    restrictions = read_restrictions(restrict or ())
    result = time_files(path, train, restrictions=restrictions, allowance=allowance)
    print_result(result, format_running_time(result), as_json=as_json)


def special_path(  # noqa: PLR0917 the options of one command
    study: StudyFolder,
    points: Annotated[
        list[str],
        typer.Argument(help="From, stops with their minutes, to.", metavar="FROM [STOP:MIN]... TO"),
    ],
    day: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Local day.")],
    window: Annotated[
        str, typer.Option(help="Local times between which it may leave.", metavar="HH:MM-HH:MM")
    ] = "00:00-23:59",
    category: Annotated[
        str | None, typer.Option(help="passenger or freight; passenger if nothing tells.")
    ] = None,
    train: Annotated[
        str | None, typer.Option(help="Run it as this train of the study.", metavar="TRAIN")
    ] = None,
    formation: Annotated[
        str | None, typer.Option(help="Its vehicles.", metavar="FORMATION")
    ] = None,
    gauge: Annotated[
        str | None, typer.Option(help="Gauges that it can run on.", metavar="MM[;MM]")
    ] = None,
    gauge_change: Annotated[
        str | None, typer.Option(help="none, bogie_exchange or variable_gauge.")
    ] = None,
    systems: Annotated[
        str | None,
        typer.Option(
            help="Contact lines that its own traction can use; none = a diesel.",
            metavar="SYSTEM[;SYSTEM]",
        ),
    ] = None,
    length: Annotated[
        float | None,
        typer.Option(
            help="Length of the train [m].",
            min=1,
            max=3000,
            callback=be_finite,
        ),
    ] = None,
    margin: Annotated[
        float,
        typer.Option(
            help="Margin to other trains [min].",
            min=0,
            max=1440,
            callback=be_finite,
        ),
    ] = 0.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Find a path for one more train between those of the study, or say who blocks it."""
    from arterial.flows.special_path import find_path
    from arterial.report.special_path import describe_special
    from arterial.study import read_study
    from arterial.timetable.paths.special_wishes import WishOptions, read_wish

    options = WishOptions(
        category=category,
        train=train,
        formation=formation,
        gauge=gauge,
        gauge_change=gauge_change,
        systems=systems,
        length_m=length,
        margin_min=margin,
    )
    wish = read_wish(points, day.date(), window=window, options=options)
    result = find_path(read_study(study), wish)
    print_result(result, describe_special(result), as_json=as_json)
