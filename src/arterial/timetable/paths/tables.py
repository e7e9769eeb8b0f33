"""Train paths as result tables: point by point, and as what they occupy.

Main functions: :func:`tabulate_paths` and :func:`tabulate_occupations`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.study import conform_table, empty_table
from arterial.timetable.paths import search_kernel as kernel
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.requests import TrainPath
from arterial.timetable.paths.traffic import Closure

__all__ = ["tabulate_occupations", "tabulate_paths"]

DAY_MARK: Final = "@"
FLOW_MARK: Final = "/"


def tabulate_paths(model: LineModel, paths: Iterable[TrainPath]) -> pl.DataFrame:
    """Paths as the result table ``train_paths``, one row a point.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : iterable of TrainPath
        The paths; their names are ``train@day`` or ``flow/direction/number``.

    Returns
    -------
    DataFrame
        Table ``train_paths``.
    """
    rows = [row for path in paths for row in _list_points(model, path)]
    return _tabulate("train_paths", rows)


def _list_points(model: LineModel, path: TrainPath) -> Iterator[dict[str, Any]]:
    """Rows of one path."""
    request, last = path.request, len(path.request.points) - 1
    is_flow = FLOW_MARK in path.train_id
    name = path.train_id.split(FLOW_MARK if is_flow else DAY_MARK)[0]
    for place, point in enumerate(request.points):
        stage = request.stages[place]
        planned = int(stage[kernel.DWELL_LEAST]) if stage[kernel.IS_PLANNED] else None
        dwell = int(path.departure_s[place] - path.arrival_s[place])
        section = model.steps[int(request.step_rows[place - 1, 0])].section_id if place else None
        yield {
            "path_id": path.train_id,
            "sequence": place + 1,
            "train_id": None if is_flow else name,
            "flow_id": name if is_flow else None,
            "point_id": point,
            "section_id": section,
            "arrival_at_s": int(path.arrival_s[place]) if place else None,
            "departure_at_s": int(path.departure_s[place]) if place < last else None,
            "planned_dwell_s": planned,
            "wait_s": dwell - (planned or 0),
        }


def tabulate_occupations(
    model: LineModel, paths: Iterable[TrainPath], closures: Iterable[Closure] = ()
) -> pl.DataFrame:
    """What paths and possessions occupy, as the result table ``path_occupations``.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : iterable of TrainPath
        The paths.
    closures : iterable of Closure
        What possessions take.

    Returns
    -------
    DataFrame
        Table ``path_occupations``, by time; at a point a track is held until it is released.
    """
    rows = [row for path in paths for row in _list_uses(model, path)]
    rows += [_describe_closure(model, closure) for closure in closures]
    rows.sort(key=lambda row: (row["from_at_s"], row["to_at_s"], str(row["path_id"])))
    for number, row in enumerate(rows, start=1):
        row["occupation_id"] = f"O{number:07d}"
    return _tabulate("path_occupations", rows)


def _list_uses(model: LineModel, path: TrainPath) -> Iterator[dict[str, Any]]:
    """What one path occupies."""
    names = path.request.points
    for place, point in enumerate(names):
        yield {
            "kind": "point",
            "path_id": path.train_id,
            "point_id": point,
            "from_at_s": int(path.arrival_s[place]),
            "to_at_s": int(path.departure_s[place]) + model.rules.track_release_s,
        }
    for place, step_row in enumerate(path.request.step_rows):
        yield {
            "kind": "step",
            "path_id": path.train_id,
            "section_id": model.steps[int(step_row[0])].section_id,
            "from_point": names[place],
            "to_point": names[place + 1],
            "from_at_s": int(path.departure_s[place]),
            "to_at_s": int(path.arrival_s[place + 1]),
        }


def _describe_closure(model: LineModel, closure: Closure) -> dict[str, Any]:
    """What one possession occupies."""
    step = None if closure.step is None else model.steps[closure.step]
    return {
        "kind": "point" if step is None else "step",
        "path_id": None,
        "possession_id": closure.possession_id,
        "point_id": None if closure.point is None else model.point_ids[closure.point],
        "section_id": None if step is None else step.section_id,
        "from_point": None if step is None else step.from_point,
        "to_point": None if step is None else step.to_point,
        "from_at_s": closure.from_s,
        "to_at_s": closure.to_s,
    }


def _tabulate(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a table, absent cells unknown."""
    schema = empty_table(name).schema
    complete: list[Mapping[str, Any]] = [{key: row.get(key) for key in schema} for row in rows]
    return conform_table(name, pl.DataFrame(complete, schema=schema))
