"""The command line: ``arterial new | check | run | simulate | compare | dispatch | ...``.

Thin: commands are functions of this package that read arguments, call a flow and word the outcome;
they are registered here, in the order of ``--help``. Heavy imports happen inside the commands so
that ``--help`` answers at once. Exit codes are in :class:`arterial.cli.printing.ExitCode`.
"""

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Annotated, Final

import typer

from arterial.cli import workshop
from arterial.cli.campaign import campaign
from arterial.cli.claims import claims
from arterial.cli.dispatch import dispatch
from arterial.cli.fit import fit
from arterial.cli.learn import learn
from arterial.cli.printing import ExitCode, describe_faults
from arterial.cli.running import run, running_time, special_path
from arterial.cli.simulate import query, simulate
from arterial.cli.studies import check, compare, new, open_report, runs, show
from arterial.cli.timetable import conflicts, timetable
from arterial.errors import (
    ArterialError,
    Fault,
    InfeasibleError,
    LimitError,
    SourceError,
    StoppedError,
    StudyError,
    UsageError,
)

__all__ = ["ExitCode", "app", "main"]


EXIT_CODES: dict[type[ArterialError], ExitCode] = {
    # First, for it is a fault of data and of a limit as well.
    UsageError: ExitCode.WRONG_USAGE,
    StudyError: ExitCode.FAULTY_DATA,
    InfeasibleError: ExitCode.INFEASIBLE,
    LimitError: ExitCode.OUTSIDE_LIMIT,
    SourceError: ExitCode.EVIDENCE,
    StoppedError: ExitCode.INTERRUPTED,
}

app = typer.Typer(
    name="arterial",
    help="Plan, simulate and check railways that the public knows only in part.",
    epilog="Exit codes: 0 done, 1 faulty data, 2 wrong usage, 3 no solution, 4 outside a limit, "
    "5 evidence, 6 file system, 130 interrupted.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

OBJECTS_BEFORE_COLLECTING: Final = 100_000
"""New objects after which unused rings are looked for [1]."""

COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str]]] = {
    "new": (new, "mine --from pyongyang_moscow"),
    "check": (check, "mine"),
    "run": (run, "mine --name first"),
    "open": (open_report, "mine"),
    "show": (show, "mine --table findings --date 2025-07-03"),
    "runs": (runs, "mine"),
    "compare": (compare, "mine:first mine --output compared.html"),
    "claims": (claims, "mine --verdict inconsistent --as-known 2025-11-22"),
    "learn": (learn, "mine --csv learned"),
    "simulate": (simulate, "mine --size 40x250"),
    "query": (query, 'RUN "select count(*) from simulated_trips"'),
    "conflicts": (conflicts, "mine --rows 0"),
    "timetable": (timetable, "mine --date 2026-01-07 --output plan.csv"),
    "dispatch": (dispatch, "mine --date 2026-01-07 --delay T1=20"),
    "path": (special_path, "mine Northport SOUTHPORT --date 2026-01-07 --window 01:00-05:00"),
    "campaign": (campaign, "mine --time-limit 300"),
    "fit": (fit, "records.csv --output fits"),
    "running-time": (running_time, "path.csv train.toml --restrict 2000-3000:40"),
}
"""Each command with an example of its arguments, in the order of use."""

WORKSHOP_COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str]]] = {
    "solve": (workshop.solve, "shop.txt --time-limit 60 --output schedule.json"),
    "check": (workshop.check, "shop.txt schedule.json"),
}


def _tell_version(*, is_asked: bool) -> None:
    if is_asked:
        from arterial.version import __version__

        typer.echo(f"arterial {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    *,
    _is_version_asked: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version.",
            is_eager=True,
            callback=lambda value: _tell_version(is_asked=value),
        ),
    ] = False,
) -> None:
    """Plan, simulate and check railways that the public knows only in part."""


def _register(
    group: typer.Typer, commands: Mapping[str, tuple[Callable[..., None], str]], *, place: str
) -> None:
    for name, (command, example) in commands.items():
        group.command(name, epilog=f"Example: {place} {name} {example}")(command)


_workshop = typer.Typer(
    help="Schedule tasks on scarce resources: projects, job shops, flexible job shops.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_register(app, COMMANDS, place="arterial")
_register(_workshop, WORKSHOP_COMMANDS, place="arterial workshop")
app.add_typer(_workshop, name="workshop")


def main() -> None:
    """Run the command line; every foreseeable failure ends in a message and an exit code."""
    as_json = "--json" in sys.argv
    # Rows of tables are millions of objects without rings; to look through them again after every
    # few hundred took a quarter of the time of a check.
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _stop)
        # Without standalone mode an early exit comes back as its code, and Ctrl-C as 130.
        code = app(prog_name="arterial", standalone_mode=False) or ExitCode.SUCCESS
        if code == ExitCode.INTERRUPTED:
            raise KeyboardInterrupt  # noqa: TRY301 one end for both
        sys.exit(code)
    except (typer.Abort, KeyboardInterrupt):
        # A second Ctrl-C while the process ends would print what the first did not.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        words = "Stopped. Nothing was written by halves; earlier results stand."
        sys.exit(_print_error(words, (), ExitCode.INTERRUPTED, as_json=as_json))
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
        if type(error).__name__ == "NoArgsIsHelpError":
            # A command alone asks what there is; the message is the help.
            typer.echo(error.format_message())
            sys.exit(ExitCode.WRONG_USAGE)
        context = getattr(error, "ctx", None)
        place = "arterial" if context is None else context.command_path
        usage = f"{error.format_message().rstrip('.')}. See {place} --help."
        sys.exit(_print_error(usage, (), ExitCode.WRONG_USAGE, as_json=as_json))


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Being asked to end is like Ctrl-C: what is under way is cleared away."""
    raise KeyboardInterrupt


def _print_error(
    message: str, faults: tuple[Fault, ...], code: ExitCode, *, as_json: bool
) -> ExitCode:
    """Print an error to stderr (or as JSON to stdout) and hand back its exit code."""
    if as_json:
        typer.echo(
            json.dumps(
                {"error": message, "exit_code": int(code), "faults": describe_faults(faults)},
                ensure_ascii=False,
                indent=2,
            )
        )
        return code
    typer.echo(f"arterial: {message}", err=True)
    for fault in faults:
        typer.echo(f"  {fault}", err=True)
    return code


def _describe_os_error(error: OSError) -> str:
    """An operating-system error in one line that names the file."""
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."
