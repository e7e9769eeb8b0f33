"""Commands of simulated operations: ``arterial simulate`` and ``arterial query``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from arterial.cli.printing import (
    Agreed,
    AsJson,
    OutputFolder,
    StudyFolder,
    be_finite,
    print_result,
)

if TYPE_CHECKING:
    from arterial.flows.simulate import SimulationOutcome

__all__ = ["query", "simulate"]

FAILED_TOLD: Final = 5


def simulate(
    study: StudyFolder,
    output: OutputFolder = None,
    size: Annotated[
        str | None,
        typer.Option(help="Draws of unknown inputs, times runs of each.", metavar="DRAWSxRUNS"),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 = one a core.", min=0, max=256)] = 0,
    shard: Annotated[
        str | None, typer.Option(help="Only this share of a job array.", metavar="I/N")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(help="Dask scheduler, or: local.", metavar="ADDRESS")
    ] = None,
    *,
    is_collected: Annotated[
        bool, typer.Option("--collect", help="Only sum up what all shards have done.")
    ] = False,
    is_agreed: Agreed = False,
    as_json: AsJson = False,
) -> None:
    """Simulate the study's operations at any size; a run that was cut off goes on."""
    from arterial.flows.simulate import (
        Scale,
        choose_executor,
        read_size,
        simulate_study,
    )
    from arterial.progress import show_progress

    draws, replications = read_size(size)
    count = workers or os.cpu_count() or 1
    executor = choose_executor(workers=count, shard=shard, dask=dask)
    scale = Scale(draws, replications, executor, is_collected, workers=count)
    with show_progress(is_quiet=as_json) as report_step:
        outcome = simulate_study(
            study,
            output=output,
            scale=scale,
            report_step=report_step,
            is_agreed=is_agreed,
        )
    result = {
        "folder": None if outcome.folder is None else str(outcome.folder),
        "parts": str(outcome.parts),
        "answer": None if outcome.answer is None else outcome.answer.as_row(),
        "tasks_done": outcome.tasks_done,
        "tasks_left": outcome.tasks_left,
        "failed": dict(outcome.failed),
        "summary": list(outcome.summary),
        "seconds": round(outcome.seconds, 2),
    }
    from arterial.cli.answers import format_outcome

    text = format_outcome(outcome.answer, ())
    print_result(result, f"{text}{_describe_tasks(outcome)}", as_json=as_json)
    if outcome.failed:
        raise typer.Exit(1)


def _describe_tasks(outcome: "SimulationOutcome") -> str:
    """What was done; of tasks that failed the first few."""
    failed = [f"Failed: {key}: {message}" for key, message in outcome.failed.items()]
    lines = failed[:FAILED_TOLD]
    if len(failed) > FAILED_TOLD:
        lines.append(f"{len(failed) - FAILED_TOLD} more failed: --json lists them")
    lines.append(f"{outcome.tasks_done} tasks done in {outcome.seconds:.1f} s: {outcome.parts}")
    if outcome.tasks_left:
        lines.append(
            f"{outcome.tasks_left} tasks of other shards are left; in the end: "
            "arterial simulate STUDY --collect"
        )
    if outcome.folder is not None:
        lines.append(f"Report: {outcome.folder / 'report.html'}")
    return "\n".join(lines)


def query(
    folder: Annotated[Path, typer.Argument(help="Folder of a simulation.", show_default=False)],
    sql: Annotated[str, typer.Argument(help="Question in SQL; each table is a view.")],
    rows: Annotated[int, typer.Option(help="Rows to print; 0 = all.", min=0)] = 40,
    time_limit: Annotated[
        float,
        typer.Option(
            help="When to give up.", metavar="SECONDS", min=0.1, max=86_400, callback=be_finite
        ),
    ] = 60.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask the single trips and sums of a simulation a question in SQL."""
    from arterial.flows.show_results import format_table
    from arterial.flows.simulate import query_simulation

    frame = query_simulation(folder, sql, time_limit_s=time_limit)
    if as_json:
        typer.echo(frame.write_json())
        return
    typer.echo(format_table(frame, rows=rows or frame.height))
