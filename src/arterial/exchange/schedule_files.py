"""Scheduling problems from files of several formats, recognised by content; schedules as JSON.

The main functions are `read_schedule_problem`, `read_schedule` and `write_schedule`.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from arterial.errors import Fault, StudyError
from arterial.exchange.flexible_job_shop import parse_flexible_job_shop, split_operations
from arterial.exchange.job_shop import parse_job_shop
from arterial.exchange.number_rows import NumberRow, read_text, split_number_rows
from arterial.exchange.patterson import parse_patterson
from arterial.exchange.psplib import is_psplib, parse_psplib
from arterial.exchange.scheduling import ProblemFormat, Schedule, ScheduleProblem
from arterial.exchange.taillard import (
    is_bare_taillard,
    is_taillard,
    parse_bare_taillard,
    parse_taillard,
)
from arterial.study.csvtext import read_bounded
from arterial.writing import write_whole

__all__ = ["read_schedule", "read_schedule_problem", "schedule_record", "write_schedule"]

Parser = Callable[..., tuple[ScheduleProblem, list[Fault]]]

PARSERS: Final[dict[ProblemFormat, Parser]] = {
    ProblemFormat.PROJECT: parse_patterson,
    ProblemFormat.JOB_SHOP: parse_job_shop,
    ProblemFormat.FLEXIBLE_JOB_SHOP: parse_flexible_job_shop,
}
PLAIN_HEADER: Final = 2
AVERAGE_HEADER: Final = 3
MOST_FAULTS: Final = 20
# A schedule of a file may hold at most so many tasks and slots: more is a broken file.
MOST_SLOTS: Final = 50_000_000


def read_schedule_problem(path: Path | str) -> ScheduleProblem:
    """Read a project, a job shop or a flexible job shop.

    Parameters
    ----------
    path : Path or str
        Text file; its ending does not matter.

    Returns
    -------
    ScheduleProblem
        The checked problem, named after the file.

    Raises
    ------
    StudyError
        With every fault found: row and cure.
    """
    file = Path(path)
    text = read_text(file)
    # By content: the same ending stands for several formats, and some files have none.
    if is_psplib(text):
        kind = ProblemFormat.PROJECT
        problem, faults = parse_psplib(text, name=file.stem, file=str(file))
    elif is_taillard(text):
        kind = ProblemFormat.JOB_SHOP
        problem, faults = parse_taillard(text, name=file.stem, file=str(file))
    else:
        rows = split_number_rows(text, str(file))
        kind = _detect_format(rows)
        is_bare = is_bare_taillard(rows)
        parse = parse_bare_taillard if is_bare else PARSERS[kind]
        kind = ProblemFormat.JOB_SHOP if is_bare else kind
        problem, faults = parse(rows, name=file.stem, file=str(file))
    if not faults and not problem.tasks:
        faults = [Fault("It holds no task.", "Give at least one.", str(file), 1)]
    # The horizon is an array of slots: a wrong unit would take all memory.
    if not faults and sum(max(m.duration for m in t.modes) for t in problem.tasks) > MOST_SLOTS:
        cause = f"The durations add up to more than {MOST_SLOTS}."
        faults = [Fault(cause, "Use a coarser unit of time.", str(file))]
    if not faults and (cycle := _find_cycle(problem)):
        named = ", ".join(str(number + 1) for number in cycle)
        faults = [Fault(f"Tasks {named} wait for each other.", "Remove a successor.", str(file))]
    if faults:
        message = f"{file} is no {kind.value} that could be scheduled."
        raise StudyError(message, faults[:MOST_FAULTS])
    return problem


def _detect_format(rows: Sequence[NumberRow]) -> ProblemFormat:
    """Tell the format by how the rows fit their counts; the nearest where none fits.

    Examples
    --------
    >>> _detect_format([NumberRow(1, (1, 2)), NumberRow(2, (0, 3, 1, 4))]).value
    'job shop'
    """
    header, jobs = rows[0].numbers, rows[1:]
    if len(header) not in {PLAIN_HEADER, AVERAGE_HEADER}:
        return ProblemFormat.PROJECT
    n_jobs, n_machines = header[:2]
    if not n_machines:
        # A shop without machines is nothing; a project without resources is an order of tasks.
        return ProblemFormat.PROJECT
    if len(jobs) == n_jobs:
        # A job-shop row of re-entrant jobs can only be recognised by its even length.
        if len(header) == PLAIN_HEADER and all(len(row.numbers) == 2 * n_machines for row in jobs):
            return ProblemFormat.JOB_SHOP
        if all(split_operations(row) is not None for row in jobs):
            return ProblemFormat.FLEXIBLE_JOB_SHOP
        if len(header) == PLAIN_HEADER and all(len(row.numbers) % 2 == 0 for row in jobs):
            return ProblemFormat.JOB_SHOP
    return _guess_format(header, jobs)


def _guess_format(header: Sequence[int], jobs: Sequence[NumberRow]) -> ProblemFormat:
    """The format that a broken file comes nearest to."""
    n_machines = header[1]
    if len(header) == AVERAGE_HEADER:
        return ProblemFormat.FLEXIBLE_JOB_SHOP
    paired = sum(len(row.numbers) == 2 * n_machines for row in jobs)
    return ProblemFormat.JOB_SHOP if 2 * paired > len(jobs) else ProblemFormat.PROJECT


def schedule_record(problem: ScheduleProblem, schedule: Schedule) -> dict[str, object]:
    """A schedule as JSON-ready record: start and mode of each task in the order of the file."""
    chosen = [task.modes[mode] for task, mode in zip(problem.tasks, schedule.modes, strict=True)]
    ends = [start + mode.duration for start, mode in zip(schedule.starts, chosen, strict=True)]
    record: dict[str, object] = {
        "makespan": max(ends, default=0),
        "schedule": list(schedule.starts),
        "modes": list(schedule.modes),
    }
    if problem.kind is not ProblemFormat.PROJECT:
        record["machines"] = [mode.demands[0].resource for mode in chosen]
    return record


def write_schedule(problem: ScheduleProblem, schedule: Schedule, path: Path | str) -> None:
    """Write a schedule as JSON; nothing half-written is left behind."""
    record = {"problem": problem.name, **schedule_record(problem, schedule)}
    write_whole(Path(path), json.dumps(record) + "\n")


def read_schedule(path: Path | str) -> tuple[Schedule, int | None]:
    """Read a schedule, and the makespan that it claims, if it does; only its form is checked.

    Raises
    ------
    StudyError
        With every fault of form.
    """
    file = Path(path)
    message = f"{file} is no schedule."
    try:
        record = json.loads(read_bounded(file))
    except (ValueError, RecursionError) as error:
        fault = Fault("It is not JSON.", "Give what `workshop solve` writes.", str(file))
        raise StudyError(message, (fault,)) from error
    faults = []
    columns: dict[str, list[int]] = {}
    for column in ("schedule", "modes"):
        values = record.get(column) if isinstance(record, dict) else None
        if values is None and column == "modes" and "schedule" in columns:
            values = [0] * len(columns["schedule"])
        if not isinstance(values, list) or any(type(value) is not int for value in values):
            cure = "Give a list of whole numbers, one a task."
            faults.append(Fault(f"{column!r} is no list of numbers.", cure, str(file)))
            continue
        columns[column] = values
    if faults:
        raise StudyError(message, faults)
    claimed = record.get("makespan")
    schedule = Schedule(tuple(columns["schedule"]), tuple(columns["modes"]))
    return schedule, claimed if type(claimed) is int else None


def _find_cycle(problem: ScheduleProblem) -> list[int]:
    """Some tasks that wait for each other; none where there is an order."""
    waiting = [len(before) for before in problem.predecessors]
    ready = [number for number, count in enumerate(waiting) if count == 0]
    for number in ready:
        for successor in problem.tasks[number].successors:
            waiting[successor] -= 1
            if waiting[successor] == 0:
                ready.append(successor)
    left = [number for number, count in enumerate(waiting) if count > 0]
    return left[:10]
