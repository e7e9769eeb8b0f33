"""Which trains of a plan wait where, how long and behind whom; main function `explain_waits`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arterial.timetable.paths import Closure, TrainPath

__all__ = ["Wait", "explain_waits", "sum_delays"]


@dataclass(frozen=True, slots=True)
class Wait:
    """A train that leaves a point later than it wished to.

    Parameters
    ----------
    train_id : str
        The train, on its day.
    point_id : str
        Where it waits.
    from_s : int
        When it could have gone on [s].
    wait_s : int
        For how long [s].
    behind : str
        Train or possession that used the track ahead last; empty where there is none.
    """

    train_id: str
    point_id: str
    from_s: int
    wait_s: int
    behind: str


def explain_waits(paths: Iterable[TrainPath], closures: Iterable[Closure] = ()) -> tuple[Wait, ...]:
    """Every wait beyond the planned standstills.

    Parameters
    ----------
    paths : iterable of TrainPath
        Paths that stand together.
    closures : iterable of Closure
        What is shut.

    Returns
    -------
    tuple of Wait
        By time, then train.
    """
    paths = list(paths)
    uses: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for path in paths:
        for place, row in enumerate(path.request.step_rows["row"].tolist()):
            enter, leave = int(path.departure_s[place]), int(path.arrival_s[place + 1])
            uses[row].append((leave, enter, path.train_id))
    for closure in closures:
        if closure.step is not None:
            uses[closure.step].append((closure.to_s, closure.from_s, closure.possession_id))
    waits = []
    for path in paths:
        stages, steps = path.request.stages, path.request.step_rows["row"].tolist()
        for place, row in enumerate(steps):
            stage, leave = stages[place], int(path.departure_s[place])
            ready = max(
                int(path.arrival_s[place]) + int(stage["dwell_least_s"]), int(stage["earliest_s"])
            )
            if place == 0:
                ready = path.request.first_departure_s
            if leave > ready:
                behind = _find_before(uses[row], path.train_id, leave)
                waits.append(
                    Wait(path.train_id, path.request.points[place], ready, leave - ready, behind)
                )
    return tuple(sorted(waits, key=lambda wait: (wait.from_s, wait.train_id)))


def _find_before(uses: list[tuple[int, int, str]], train_id: str, at_s: int) -> str:
    """Who left a step last before an instant."""
    earlier = [use for use in uses if use[1] <= at_s and use[2] != train_id and use[0] <= at_s]
    return max(earlier)[2] if earlier else ""


def sum_delays(paths: Iterable[TrainPath], wished: Mapping[str, TrainPath]) -> dict[str, int]:
    """How much later each train arrives than it wished to [s]."""
    return {path.train_id: path.arrive_at_s - wished[path.train_id].arrive_at_s for path in paths}
