"""Whether paths pay for what they do: braking, starting, standstills and windows of departure.

Main function: :func:`find_unpaid`. It stands beside :func:`find_conflicts`, which looks at trains
towards one another only and lets a train stand for nothing; it reads requests and times in plain
Python and shares no code with what makes paths.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from arterial.timetable.paths.requests import TrainPath

Stage = dict[str, int]

__all__ = ["Unpaid", "UnpaidKind", "find_unpaid"]


class UnpaidKind(StrEnum):
    """What a path does that its train cannot do."""

    RUNNING = "running"
    """It takes less than running time, start and stop over a step."""
    SLOW = "slow"
    """It takes more than that, though trains wait at points alone."""
    DWELL = "dwell"
    """It stands shorter or longer than it may."""
    TIME = "time"
    """It leaves too early or arrives too late."""


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What a path does that its train cannot do.

    Parameters
    ----------
    kind : UnpaidKind
        What it is.
    train_id : str
        The train.
    place : int
        Place on its way, or the place before the step.
    missing_s : int
        By how much [s].
    """

    kind: UnpaidKind
    train_id: str
    place: int
    missing_s: int


def find_unpaid(paths: Iterable[TrainPath]) -> tuple[Unpaid, ...]:
    """Everything that paths do without paying for it.

    A train stops where a stop is planned, where it stands, and at both ends. Where the running
    times do not hold the stop yet, it pays for starting on the step behind and for braking on the
    step ahead.

    Parameters
    ----------
    paths : iterable of TrainPath
        The paths.

    Returns
    -------
    tuple of Unpaid
        By train and place, empty where all is paid.

    Notes
    -----
    A path may pay for a stop at which it stands no second.
    """
    found = [unpaid for path in paths for unpaid in _judge_path(path)]
    return tuple(sorted(found, key=lambda one: (one.train_id, one.place, one.kind)))


def _judge_path(path: TrainPath) -> Iterator[Unpaid]:
    """What one path does without paying."""
    request, last = path.request, len(path.arrival_s) - 1
    names = request.stages.dtype.names or ()
    rows = [dict(zip(names, row, strict=True)) for row in request.stages.tolist()]
    stands = [
        bool(row["is_planned"]) or place in {0, last} or stay_s > 0
        for place, (row, stay_s) in enumerate(zip(rows, _list_stays(path), strict=True))
    ]
    yield from _judge_stays(path, rows, stands)
    yield from _judge_runs(path, rows, stands)


def _list_stays(path: TrainPath) -> list[int]:
    """How long a path stands at each point [s]."""
    times = zip(path.arrival_s.tolist(), path.departure_s.tolist(), strict=True)
    return [departure - arrival for arrival, departure in times]


def _judge_stays(path: TrainPath, rows: list[Stage], stands: list[bool]) -> Iterator[Unpaid]:
    """Standstills and instants that a path does not keep."""
    request, last = path.request, len(rows) - 1
    for place, stay_s in enumerate(_list_stays(path)):
        row, arrival, departure = rows[place], path.arrival_s[place], path.departure_s[place]
        missing = -stay_s
        if stands[place] and stay_s >= 0:
            missing = max(row["dwell_least_s"] - stay_s, stay_s - row["dwell_most_s"])
        if missing > 0:
            yield Unpaid(UnpaidKind.DWELL, path.train_id, place, missing)
        missing = int(arrival) - row["latest_s"]
        if place < last:
            missing = max(missing, row["earliest_s"] - int(departure))
        if place == 0:
            missing = max(missing, request.depart_from_s - int(departure))
            missing = max(missing, int(departure) - request.depart_to_s)
        if missing > 0:
            yield Unpaid(UnpaidKind.TIME, path.train_id, place, missing)


def _judge_runs(path: TrainPath, rows: list[Stage], stands: list[bool]) -> Iterator[Unpaid]:
    """Steps that a path takes too little time for, or too much."""
    for place in range(len(rows) - 1):
        taken_s = int(path.arrival_s[place + 1]) - int(path.departure_s[place])
        here, there = rows[place], rows[place + 1]
        least_s = most_s = here["running_s"]
        least_s += here["start_loss_s"] if stands[place] else 0
        least_s += there["stop_loss_s"] if stands[place + 1] else 0
        most_s += here["start_loss_s"] + there["stop_loss_s"]
        if taken_s < least_s:
            yield Unpaid(UnpaidKind.RUNNING, path.train_id, place, least_s - taken_s)
        if taken_s > most_s:
            yield Unpaid(UnpaidKind.SLOW, path.train_id, place, taken_s - most_s)
