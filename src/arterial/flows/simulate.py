"""Simulated operations of a study at any size: on processes, in job arrays, on a Dask cluster.

Main functions: :func:`simulate_study` and :func:`query_simulation`. The work is cut into tasks
whose results are kept as they come, so that a run that was cut off goes on where it stopped, with
the same numbers on whatever machines (architecture §6).
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from arterial.compute import (
    DaskExecutor,
    Executor,
    PoolExecutor,
    RunReport,
    SerialExecutor,
    ShardExecutor,
    Task,
    Workers,
    collect,
    query_parts,
    read_parts,
    run_many,
)
from arterial.compute.expected import require_agreement
from arterial.errors import Fault, StudyError, UsageError
from arterial.flows.expected_work import expect_run
from arterial.flows.run import ResolvedStudy, resolve_timetable
from arterial.operations.coaches import CoachModel
from arterial.operations.coaches.certain_chances import add_chances
from arterial.operations.reliability import (
    Reliability,
    prepare_reliability,
    simulate_chunk,
    summarise_reliability,
)
from arterial.operations.rounds import is_precise, list_rounds
from arterial.progress import ReportStep, stay_silent
from arterial.report import Answer, answer_study, build_report, summarise
from arterial.report.notebook import answer_html, sentences_html
from arterial.study import Study, read_study, require_tables
from arterial.study.run_folder import REPORT, refuse_run_folder, write_run
from arterial.study.study import make_stamp, require_run_tables
from arterial.version import __version__

__all__ = [
    "Scale",
    "SimulationOutcome",
    "choose_executor",
    "query_simulation",
    "read_size",
    "simulate_study",
]

PARTS_READ: Final = ("coach_sums", "place_bins", "cause_sums", "coach_batches", "simulated_trips")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is simulated, and where.

    Parameters
    ----------
    draws, replications : int or None
        Draws of uncertain inputs and replications of each; None = those of the study.
    executor : Executor
        Where tasks are worked off.
    is_collected : bool
        Only sum up what shards have done.
    workers : int
        Processes of this machine that share what comes before the tasks; 1 = this process.
    """

    draws: int | None = None
    replications: int | None = None
    executor: Executor = field(default_factory=SerialExecutor)
    is_collected: bool = False
    workers: int = 1


@dataclass(frozen=True, slots=True)
class SimulationOutcome:
    """What a simulation gives.

    Parameters
    ----------
    parts : Path
        Folder of the results of the tasks.
    folder : Path or None
        Folder of the run; None where other shards have work left.
    tasks_done, tasks_left : int
        Tasks that are done and those of other shards that are not.
    failed : mapping of str to str
        Tasks that gave no result, and why.
    summary : tuple of str
        The outcome in plain sentences.
    seconds : float
        Wall time [s].
    answer : Answer, optional
        The outcome on one screen; None where other shards have work left.
    """

    parts: Path
    folder: Path | None
    tasks_done: int
    tasks_left: int
    failed: Mapping[str, str]
    summary: tuple[str, ...]
    seconds: float
    answer: Answer | None = None

    def _repr_html_(self) -> str:
        """Show the answer in a notebook, or how much is left to do."""
        if self.folder is None:
            return sentences_html(
                [f"{self.tasks_done} tasks are done, {self.tasks_left} are left."]
            )
        return answer_html(self.answer, self.folder / REPORT)


def choose_executor(
    *, workers: int = 1, shard: str | None = None, dask: str | None = None
) -> Executor:
    """Where the tasks are worked off.

    Parameters
    ----------
    workers : int
        Processes on this machine; 1 = this process.
    shard : str, optional
        ``i/n``: the i-th of n shares of a job array.
    dask : str, optional
        Address of a Dask scheduler; ``local`` starts one here.

    Returns
    -------
    Executor
        The executor.

    Raises
    ------
    LimitError
        If the shard is not one, or a number is out of range.
    """
    inner: Executor = SerialExecutor() if workers == 1 else PoolExecutor(workers)
    if dask is not None:
        inner = DaskExecutor(None if dask == "local" else dask, workers=workers)
    return inner if shard is None else ShardExecutor.from_text(shard, inner=inner)


def read_size(text: str | None) -> tuple[int | None, int | None]:
    """Draws and replications from their short form.

    Raises
    ------
    LimitError
        If the text has another form.

    Examples
    --------
    >>> read_size("20x500")
    (20, 500)
    """
    if text is None:
        return None, None
    match = re.fullmatch(r"([1-9]\d{0,3}|10000)x([1-9]\d{0,5}|1000000)", text)
    if match is None:
        message = f"{text!r} is no size. Write DRAWSxRUNS, up to 10000x1000000: 20x500."
        raise UsageError(message)
    return int(match.group(1)), int(match.group(2))


def simulate_study(
    path: Path | str,
    *,
    output: Path | str | None = None,
    scale: Scale | None = None,
    report_step: ReportStep = stay_silent,
    is_agreed: bool = False,
) -> SimulationOutcome:
    """Resolve a study and simulate its operations, going on where an earlier call stopped.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    output : Path or str, optional
        Folder of the run; ``runs/<run id>`` in the study by default. The results of the tasks are
        kept beside it, in a folder of the same name ending in ``.parts``.
    scale : Scale, optional
        How much, and where; as the study says, in this process, by default.
    report_step : callable
        Told the name of each step and the share of work done.
    is_agreed : bool
        Whether the work may take hours, or more memory than is free.

    Returns
    -------
    SimulationOutcome
        What was done. The run is written once no task is left.

    Raises
    ------
    StudyError
        With every fault of the study, or if it states nothing that can be simulated.
    LimitError
        Where the work is large and not agreed to.
    """
    start = time.perf_counter()
    scale = scale or Scale()
    report_step("Reading and checking the study", 0.0)
    study = _scale_study(read_study(Path(path)), scale)
    require_run_tables(study)
    require_tables(study, "coach_services", purpose="Simulating through coaches")
    run_id = _name_run(study)
    folder = Path(output or study.path / "runs" / run_id)
    refuse_run_folder(folder, study.path)
    parts = folder.with_name(f"{folder.name}.parts")
    shards = scale.executor.count if isinstance(scale.executor, ShardExecutor) else 1
    require_agreement(expect_run(study), processes=scale.workers * shards, is_agreed=is_agreed)
    # The same for all shards.
    resolved, ready = _prepare(study, scale, report_step)
    model = _need_model(ready)
    report, tasks = _work_off(_list_rounds(study, model), model, parts, scale, study, report_step)
    keys = {task.key for task in tasks}
    done = keys & set(report.done)
    failed = {one.key: one.message for one in report.failed if one.key in keys}
    left = len(keys) - len(done) - len(failed)
    outcome = SimulationOutcome(
        parts=parts,
        folder=None,
        tasks_done=len(done),
        tasks_left=left,
        failed=failed,
        summary=(),
        seconds=time.perf_counter() - start,
    )
    if left or not done:
        return outcome
    # Sums of the tasks, in order of their keys: the same whoever worked them off.
    report_step("Summing up", 0.9)
    found = {name: read_parts(parts, name, keys=keys) for name in PARTS_READ}
    results = add_chances(study, resolved.results, summarise_reliability(ready, [found]))
    summary = tuple(summarise(study, results))
    stamp = make_stamp(study, run_id) | {"tasks": str(len(tasks)), "failed": str(len(failed))}
    answer = answer_study(study, results)
    page = build_report(study, results, summary=summary, stamp=stamp, answer=answer)
    record = {**stamp, "settings": study.settings.as_record()}
    write_run(folder, results=results, report=page, record=record, inputs=study.path)
    seconds = time.perf_counter() - start
    return replace(outcome, folder=folder, summary=summary, seconds=seconds, answer=answer)


def _scale_study(study: Study, scale: Scale) -> Study:
    """The study with the numbers of draws and replications that are asked for."""
    asked = {"draws": scale.draws, "replications": scale.replications}
    update = {name: number for name, number in asked.items() if number is not None}
    reliability = study.settings.reliability.model_copy(update=update)
    return study.with_settings(study.settings.model_copy(update={"reliability": reliability}))


def _prepare(
    study: Study, scale: Scale, report_step: ReportStep
) -> tuple[ResolvedStudy, Reliability]:
    """What the tasks rest on: this process leads, the others do what can be shared."""
    count = scale.workers + 1 if scale.workers > 1 else 1
    with Workers(count, module="arterial.flows.run", only_leads=True) as workers:
        resolved = resolve_timetable(study, workers=workers, report_step=report_step)
        ready = prepare_reliability(
            study,
            resolved.tables,
            resolved.laid,
            resolved.traffic,
            resolved.options,
            workers=workers,
            report_step=report_step,
        )
    return resolved, ready


def _name_run(study: Study) -> str:
    """Name of a simulation: study, program, and how often."""
    settings = study.settings.reliability
    size = f"{settings.draws}x{settings.replications}"
    return f"{study.digest[:10]}-v{__version__}-{size}"


def _need_model(ready: Reliability) -> CoachModel:
    """The model of the coaches.

    Raises
    ------
    StudyError
        If the study states nothing that delays a coach.
    """
    if ready.model is not None:
        return ready.model
    cause = (
        "The study states no through coaches, no departure of theirs with known times in the days "
        "to simulate, or no assets, densities of assets and disturbances."
    )
    cure = "Fill asset_densities.csv or disturbances.csv; `arterial check` says what is lacking."
    message = "There is nothing to simulate."
    raise StudyError(message, [Fault(cause, cure)])


def _list_rounds(study: Study, model: CoachModel) -> list[list[Task]]:
    """The tasks of each round, named by draw and first replication."""
    return [
        [Task(f"draw-{each.first_draw:05d}-{each.first_replication:07d}", each) for each in chunks]
        for chunks in list_rounds(model, study.settings.reliability)
    ]


def _work_off(
    rounds: list[list[Task]],
    model: CoachModel,
    parts: Path,
    scale: Scale,
    study: Study,
    report_step: ReportStep,
) -> tuple[RunReport, list[Task]]:
    """Do the tasks that are left, or see that shards have done them; and which of them are needed.

    A shard sees its own tasks alone, so it does those of all rounds; what is collected shows how
    many of them were needed.
    """
    every = [task for tasks in rounds for task in tasks]
    points = study.settings.reliability.standard_error_points
    simulate = partial(simulate_chunk, model)

    def tell(done: int, total: int, seconds_left: float | None) -> None:
        words = "" if seconds_left is None else f", {seconds_left:.0f} s left"
        report_step(f"Simulating: {done} of {total} tasks{words}", 0.3 + 0.6 * done / total)

    def work(wanted: list[Task]) -> RunReport:
        return run_many(
            simulate,
            every,
            folder=parts,
            executor=scale.executor,
            report_progress=tell,
            job=_name_run(study),
            only={task.key for task in wanted},
        )

    if isinstance(scale.executor, ShardExecutor) and not scale.is_collected:
        return work(every), every
    needed: list[Task] = []
    for tasks in rounds:
        needed = needed + tasks
        report = collect(parts, every) if scale.is_collected else work(needed)
        if points is None or report.failed:
            continue
        sums = read_parts(parts, "coach_sums", keys={task.key for task in needed})
        if is_precise(sums, model, points):
            break
    return report, needed


def query_simulation(folder: Path | str, sql: str, *, time_limit_s: float = 60.0) -> pl.DataFrame:
    """Ask the parts of a simulation a question in SQL.

    Parameters
    ----------
    folder : Path or str
        Folder of the run, or of its parts.
    sql : str
        One question in DuckDB's SQL; each table is a view of its name.
    time_limit_s : float
        Wall time after which the question is given up [s].

    Returns
    -------
    DataFrame
        The answer.

    Raises
    ------
    StudyError
        If the folder holds no parts.
    """
    own = Path(folder)
    places = (own, own.with_name(f"{own.name}.parts"))
    for place in places:
        if (place / "parts").is_dir():
            return query_parts(place, sql, time_limit_s=time_limit_s)
    cause = f"Neither {places[0]} nor {places[1].name} beside it holds parts of a simulation."
    message = "There is nothing to ask."
    raise StudyError(message, [Fault(cause, "arterial simulate STUDY writes them.")])
