"""Train paths of a plan; main function `decode_paths`."""

from collections.abc import Sequence

from arterial.dispatching.paths.plan_kernel import State
from arterial.timetable.paths import PathRequest, TrainPath

__all__ = ["decode_paths"]


def decode_paths(state: State, requests: Sequence[PathRequest]) -> tuple[TrainPath, ...]:
    """Paths of the trains that have one, in the order of the requests.

    Parameters
    ----------
    state : State
        With a plan.
    requests : sequence of PathRequest
        What the trains of the state asked for, ``(n_trains,)``.

    Returns
    -------
    tuple of TrainPath
        The paths.
    """
    plan, trains = state.plan, state.asked.trains
    return tuple(
        TrainPath(
            request,
            plan.arrival_s[train.first : train.end].copy(),
            plan.departure_s[train.first : train.end].copy(),
        )
        for request, train, is_laid in zip(requests, trains, plan.is_laid, strict=True)
        if is_laid
    )
