"""The command line: ``arterial new | check | run | simulate | compare | dispatch | ...``.

Thin: it reads arguments, calls a flow and words the outcome. Heavy imports happen inside the
commands so that ``--help`` answers at once. Exit codes are in :class:`ExitCode`.
"""

import gc
import json
import os
import sys
import time
from datetime import datetime
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from arterial.cli.campaign import campaign
from arterial.cli.simulate import add_commands
from arterial.cli.workshop import START_S, workshop
from arterial.errors import (
    ArterialError,
    Fault,
    InfeasibleError,
    LimitError,
    SourceError,
    StudyError,
)

__all__ = ["ExitCode", "app", "main"]


class ExitCode(IntEnum):
    """What the exit code of each command means."""

    SUCCESS = 0
    FAULTY_DATA = 1
    WRONG_USAGE = 2
    INFEASIBLE = 3
    OUTSIDE_LIMIT = 4
    EVIDENCE = 5
    FILE_SYSTEM = 6
    INTERRUPTED = 130


EXIT_CODES: dict[type[ArterialError], ExitCode] = {
    StudyError: ExitCode.FAULTY_DATA,
    InfeasibleError: ExitCode.INFEASIBLE,
    LimitError: ExitCode.OUTSIDE_LIMIT,
    SourceError: ExitCode.EVIDENCE,
}

app = typer.Typer(
    name="arterial",
    help="Plan, simulate and check railways that the public knows only in part.",
    epilog="Exit codes: 0 done, 1 faulty data, 2 wrong usage, 3 no solution, 4 outside a limit, "
    "5 evidence, 6 file system, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

add_commands(app)
app.add_typer(workshop)
app.command()(campaign)

StudyFolder = Annotated[Path, typer.Argument(help="Folder of the study.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command()
def new(
    path: Annotated[Path, typer.Argument(help="Folder to create.", show_default=False)],
    shipped: Annotated[
        str | None, typer.Option("--from", help="Shipped study to start from.", metavar="NAME")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write a new study: a small working one, or a copy of a shipped one."""
    from arterial.study import new_study

    created = new_study(path, from_shipped=shipped)
    text = f"Wrote {created}. Next: arterial check {created}, then arterial run {created}."
    _print_result({"study": str(created)}, text, as_json=as_json)


@app.command()
def check(
    study: StudyFolder,
    *,
    datapackage: Annotated[
        bool, typer.Option("--datapackage", help="Also write datapackage.json for other tools.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Report every fault of a study at once: file:row:column, cause, cure."""
    from arterial.study import check_study, write_datapackage

    faults = check_study(study)
    errors = [fault for fault in faults if fault.severity == "error"]
    warnings = [fault for fault in faults if fault.severity != "error"]
    lines = [f"{fault.severity}: {fault}" for fault in (*errors, *warnings)]
    lines.append(f"{study}: {count(errors, 'error')}, {count(warnings, 'warning')}.")
    result = {"study": str(study), "errors": len(errors), "warnings": len(warnings)}
    _print_result(result | {"faults": _describe_faults(faults)}, "\n".join(lines), as_json=as_json)
    if errors:
        raise typer.Exit(ExitCode.FAULTY_DATA)
    if datapackage:
        write_datapackage(study)


@app.command()
def run(
    study: StudyFolder,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for the run; else STUDY/runs/<run id>."),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Resolve the study's services, check them, and write tables and report."""
    from arterial.compute import Workers
    from arterial.progress import show_progress

    count = workers or os.cpu_count() or 1
    with (
        show_progress(is_quiet=as_json) as report_step,
        Workers(count, module="arterial.flows.run") as team,
    ):
        # Imported beside the other process, which has just begun to do the same.
        from arterial.flows.run import run_study

        outcome = run_study(study, output=output, workers=team, report_step=report_step)
    result = {
        "run": outcome.run_id,
        "folder": str(outcome.folder),
        "report": str(outcome.report),
        "summary": list(outcome.summary),
        "seconds": round(outcome.seconds, 2),
    }
    lines = [*(f"  {line}" for line in outcome.summary), "", f"Report: {outcome.report}"]
    _print_result(result, "\n".join(lines), as_json=as_json)


@app.command()
def show(
    study: StudyFolder,
    table: Annotated[str, typer.Option(help="Result table to show.")] = "trips",
    service: Annotated[str | None, typer.Option(help="Only this coach service.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="Only this departure date.")] = None,
    rows: Annotated[int, typer.Option(help="Rows to print; 0 = all.", min=0)] = 40,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a result table of the study's last run."""
    from arterial.flows.show_results import format_table, show_results

    frame = show_results(study, table, service=service, day=day)
    if as_json:
        typer.echo(frame.write_json())
        return
    typer.echo(format_table(frame, rows=rows or frame.height))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Folder of the run before.", show_default=False)],
    after: Annotated[Path, typer.Argument(help="Folder of the run after.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Page to write.", metavar="FILE.html")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Lay two runs side by side: punctuality, hand-overs, causes and assets."""
    from arterial.flows.compare import compare_runs

    compared = compare_runs(before, after, output=output)
    lines = [f"  {line}" for line in compared.summary]
    page = None if compared.page is None else str(compared.page)
    if page is not None:
        lines += ["", f"Page: {page}"]
    _print_result(compared.record | {"page": page}, "\n".join(lines), as_json=as_json)


@app.command("running-time")
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
    _print_result(result, format_running_time(result), as_json=as_json)


@app.command("path")
def special_path(
    study: StudyFolder,
    points: Annotated[
        list[str],
        typer.Argument(help="From, stops with their minutes, to.", metavar="FROM [STOP:MIN]... TO"),
    ],
    day: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Local day.")],
    window: Annotated[
        str, typer.Option(help="Local times between which it may leave.", metavar="HH:MM-HH:MM")
    ] = "00:00-23:59",
    category: Annotated[str, typer.Option(help="passenger or freight.")] = "passenger",
    margin: Annotated[float, typer.Option(help="Margin to other trains [min].", min=0)] = 0.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Find a path for one more train between those of the study, or say who blocks it."""
    from arterial.study import read_study
    from arterial.timetable.paths.special_path import describe_special, plan_special, read_wish

    wish = read_wish(points, day.date(), window=window, category=category, margin_min=margin)
    result = plan_special(read_study(study), wish)
    _print_result(result, describe_special(result), as_json=as_json)


@app.command()
def dispatch(
    instance: Annotated[Path, typer.Argument(metavar="INSTANCE.json", help="Problem file.")],
    solution: Annotated[
        Path | None, typer.Argument(metavar="[SOLUTION.json]", help="With --check: what to judge.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Solution to write; else INSTANCE.solution.json."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(help="Wall time to stay within.", metavar="SECONDS", min=0.1)
    ] = 600.0,
    seed: Annotated[int, typer.Option(help="Seed of the search.", min=0)] = 0,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    *,
    is_check: Annotated[
        bool, typer.Option("--check", help="Judge SOLUTION.json instead of solving.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Plan trains without conflicts at least delay (DISPLIB 2025), or judge a plan."""
    called_at = time.perf_counter()
    from arterial.flows.dispatch import check_file, describe_check, describe_dispatch, dispatch_file

    if is_check != (solution is not None):
        message = "A SOLUTION.json goes with --check, and only with it."
        raise typer.BadParameter(message)
    if solution is not None:
        judged = check_file(instance, solution)
        _print_result(judged, describe_check(judged), as_json=as_json)
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
    _print_result(found, describe_dispatch(found), as_json=as_json)
    # Clearing away the solvers' objects one by one takes up to seconds on a busy machine.
    gc.freeze()


def main() -> None:
    """Run the command line; every foreseeable failure ends in a message and an exit code."""
    as_json = "--json" in sys.argv
    try:
        # Without standalone mode an early exit comes back as its code.
        sys.exit(app(standalone_mode=False) or ExitCode.SUCCESS)
    except typer.Abort:
        sys.exit(ExitCode.INTERRUPTED)
    except ArterialError as error:
        code = next(
            (code for kind, code in EXIT_CODES.items() if isinstance(error, kind)),
            ExitCode.FAULTY_DATA,
        )
        sys.exit(_print_error(error.message, error.faults, code, as_json=as_json))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.SUCCESS)
    except OSError as error:
        sys.exit(_print_error(_describe_os_error(error), (), ExitCode.FILE_SYSTEM, as_json=as_json))
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        usage = f"{error.format_message()} See arterial --help."
        sys.exit(_print_error(usage, (), ExitCode.WRONG_USAGE, as_json=as_json))


def _print_result(result: object, text: str, *, as_json: bool) -> None:
    """Print a result as JSON or as text."""
    typer.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else text)


def _print_error(
    message: str, faults: tuple[Fault, ...], code: ExitCode, *, as_json: bool
) -> ExitCode:
    """Print an error to stderr (or as JSON to stdout) and hand back its exit code."""
    if as_json:
        typer.echo(
            json.dumps(
                {"error": message, "exit_code": int(code), "faults": _describe_faults(faults)},
                ensure_ascii=False,
                indent=2,
            )
        )
        return code
    typer.echo(f"arterial: {message}", err=True)
    for fault in faults:
        typer.echo(f"  {fault}", err=True)
    return code


def _describe_faults(faults: tuple[Fault, ...]) -> list[dict[str, object]]:
    """Faults as JSON-ready records."""
    return [
        {
            "severity": fault.severity,
            "file": fault.file,
            "row": fault.row,
            "column": fault.column,
            "cause": fault.cause,
            "cure": fault.cure,
            "near": list(fault.near),
        }
        for fault in faults
    ]


def _describe_os_error(error: OSError) -> str:
    """An operating-system error in one line that names the file."""
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."


def count(items: list[Fault], noun: str) -> str:
    """A count with its noun in the right number."""
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
