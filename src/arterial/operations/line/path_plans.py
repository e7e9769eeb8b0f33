"""Plans of operations from the result table ``train_paths``.

Main functions: `plan_from_paths` and `list_cases`. A path holds who crosses whom and waits where;
its waits and, by choice, its supplements are the slack that takes up delay.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.operations.line.event_engine import settle_plan
from arterial.operations.line.layout import UNLIMITED, Intervals, Layout, make_layout
from arterial.operations.line.plan import Connection, OperationsPlan, TrainRun, build_plan
from arterial.timetable.paths import LineModel
from arterial.timetable.paths.links import TrainLink

__all__ = ["LinePlan", "layout_of_line", "list_cases", "plan_from_paths"]

CASE_MARK: Final = "|"
FLOW_MARK: Final = "/"
TRAIN_WEIGHT: Final = 2
FLOW_WEIGHT: Final = 1


@dataclass(frozen=True, slots=True)
class LinePlan:
    """The plan of one case of ``train_paths``.

    Parameters
    ----------
    case : str
        Host train and day for which the paths were laid; empty = the table holds one case.
    plan : OperationsPlan
        The settled plan.
    focal_run : int
        Run of the host itself; -1 = none.
    settling_s : float
        Mean time by which settling moved an event of the paths [s].
    """

    case: str
    plan: OperationsPlan
    focal_run: int
    settling_s: float


def list_cases(train_paths: pl.DataFrame) -> list[str]:
    """Cases of the table, named before the mark ``|`` in the ids of paths."""
    names = train_paths["path_id"].unique(maintain_order=True).to_list()
    return list(dict.fromkeys(_case_of(name) for name in names))


def plan_from_paths(
    train_paths: pl.DataFrame,
    line: LineModel,
    *,
    case: str = "",
    supplement_percent: float = 0.0,
    weights: Mapping[str, int] | None = None,
    links: Sequence[TrainLink] = (),
    link_wait_s: int = 0,
) -> LinePlan:
    """Plan of the paths of one case.

    Parameters
    ----------
    train_paths : DataFrame
        Table ``train_paths``.
    line : LineModel
        Points and steps, with the least times between trains.
    case : str
        Which of :func:`list_cases`; empty where there is one.
    supplement_percent : float
        Supplement that the running times hold over the least ones [%].
    weights : mapping of str to int, optional
        Weight of trains and flows in dispatching; otherwise 2 for trains and 1 for flows.
    links : sequence of TrainLink
        Which paths wait for which others.
    link_wait_s : int
        How long after its plan a path waits at most; then another locomotive, set or train takes
        the place of the late one [s].

    Returns
    -------
    LinePlan
        The settled plan.

    Raises
    ------
    StudyError
        When the case holds no paths, or a path uses a step that the line does not have.
    """
    rows = train_paths.filter(
        pl.col("path_id").map_elements(_case_of, return_dtype=pl.String) == case
    )
    groups = rows.sort("sequence").partition_by("path_id", maintain_order=True, as_dict=True)
    faults: list[Fault] = []
    runs = [
        _read_run(str(name[0]), path.to_dicts(), line, supplement_percent, weights or {}, faults)
        for name, path in sorted(groups.items())
        if path.height > 1
    ]
    if faults or not runs:
        message = "The train paths cannot be simulated."
        fault = Fault("There are no paths.", "Resolve crossings first.", "train_paths")
        raise StudyError(message, faults or [fault])
    known = [run for run in runs if run]
    connections = list(_connect(known, links, line, link_wait_s))
    wished = build_plan(layout_of_line(line), known, connections)
    plan = settle_plan(wished)
    focal = [n for n, run in enumerate(plan.runs) if run.run_id == f"{case}{CASE_MARK}{case}"]
    moved = plan.events.planned - wished.events.planned
    return LinePlan(case, plan, focal[0] if focal else -1, float(moved.mean()))


def _connect(
    runs: Sequence[TrainRun], links: Iterable[TrainLink], line: LineModel, wait_s: int
) -> Iterator[Connection]:
    """Links between paths as connections of their runs; `together` binds as `after` does."""
    numbers = {run.run_id: number for number, run in enumerate(runs)}
    for link in links:
        run, feeder = numbers.get(link.train_id), numbers.get(link.other_train_id)
        point = line.point_numbers.get(link.point_id)
        if run is None or feeder is None or point is None:
            continue
        leaves, comes = runs[run].points[:-1], runs[feeder].points[1:]
        if point in leaves and point in comes:
            place, feeder_place = leaves.index(point), comes.index(point) + 1
            yield Connection(feeder, run, feeder_place, place, link.least_s, wait_s)


def layout_of_line(line: LineModel) -> Layout:
    """Points and steps of a line model as arrays, margins included."""
    return make_layout(
        [min(tracks, UNLIMITED) for tracks in line.tracks_count],
        [
            (line.point_numbers[step.from_point], line.point_numbers[step.to_point])
            for step in line.steps
        ],
        step_tracks=[step.tracks_count for step in line.steps],
        follows=[step.can_follow for step in line.steps],
        intervals=Intervals(*line.rules.encode()),
        between=line.intervals_s,
    )


def _case_of(name: str) -> str:
    """What stands before the mark in the id of a path."""
    before, mark, _ = name.partition(CASE_MARK)
    return before if mark else ""


def _read_run(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    line: LineModel,
    supplement_percent: float,
    weights: Mapping[str, int],
    faults: list[Fault],
) -> TrainRun | None:
    """One path as a run; None with a fault where a step is not known."""
    points = [str(row["point_id"]) for row in rows]
    steps = []
    for before, row in zip(points, rows[1:], strict=False):
        here, section = str(row["point_id"]), str(row["section_id"] or "")
        found = line.step_numbers.get((section, before, here))
        if found is None:
            found = line.step_numbers.get((section, here, before))
        if found is None:
            text = f"Path {name} uses {before}-{here} on {section}, which the line does not have."
            faults.append(Fault(text, "Take paths and line of one run.", "train_paths"))
            return None
        steps.append(found)
    arrivals = [row["arrival_at_s"] for row in rows]
    departures = [row["departure_at_s"] for row in rows]
    arrivals[0], departures[-1] = departures[0], arrivals[-1]
    running = [after - before for before, after in zip(departures, arrivals[1:], strict=False)]
    owner = str(rows[0]["train_id"] or rows[0]["flow_id"])
    path = name.rpartition(CASE_MARK)[2]
    is_flow = rows[0]["train_id"] is None
    return TrainRun(
        run_id=name,
        points=tuple(line.point_numbers[point] for point in points),
        steps=tuple(steps),
        arrival_s=tuple(arrivals),
        departure_s=tuple(departures),
        least_running_s=tuple(int(time / (1 + supplement_percent / 100)) for time in running),
        least_dwell_s=tuple(row["planned_dwell_s"] or 0 for row in rows),
        train_key=path.rpartition(FLOW_MARK)[0] if is_flow else owner,
        weight=weights.get(owner, FLOW_WEIGHT if is_flow else TRAIN_WEIGHT),
    )
