"""A new plan once trains are held, or track is shut or slow; main function `reschedule`.

What lies before *now* stays as it is. The old plan, shifted as a whole until all that is shut is
open again, is a plan in which no train locks another: from it each train takes its earliest path in
the order in which it comes (first come, first served). Better is, mostly, to let all trains run as
planned that can, and to lay the others between them; where that fails, the former stands in for it.
Then the search improves the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.paths.encoding import encode_requests
from arterial.dispatching.paths.first_plan_kernel import find_least, lay_anew, load_plan
from arterial.dispatching.paths.live_trains import Part, list_past_uses, split_path
from arterial.dispatching.paths.plan_kernel import Plan, State, take_out
from arterial.dispatching.paths.planning import PlanOptions, improve_plan
from arterial.dispatching.paths.repair_kernel import clear_plan, repair_plan
from arterial.errors import LimitError
from arterial.timetable.paths import Closure, LineModel, LinkKind, TrainLink, TrainPath
from arterial.timetable.paths.links import bind_request

__all__ = ["Disruption", "RescheduledPaths", "reschedule", "serve_first_come"]

PASSES_MOST: Final = 6
"""Times that each train is laid in turn: one that another still stands in the way of comes later
at first."""

MOVED_SHARE: Final = 1 / 3
"""Share of trains that cannot run as planned above which the plan is given up as a guide, if it
is the dearer one."""


@dataclass(frozen=True, slots=True)
class Disruption:
    """What keeps trains from running as planned.

    Parameters
    ----------
    now_s : int
        The instant from which on the plan can change [s].
    held : mapping of str to int
        How much longer each of some trains cannot go on [s].
    shut : tuple of Closure
        Steps that are shut. A train inside at `now_s` still runs out.
    slow : mapping of int to int
        What every train needs more from now on over each of some steps [s].
    least_run_s : mapping of int to int
        What every train needs at least from now on over each of some steps [s].
    """

    now_s: int
    held: Mapping[str, int] = field(default_factory=dict)
    shut: tuple[Closure, ...] = ()
    slow: Mapping[int, int] = field(default_factory=dict)
    least_run_s: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RescheduledPaths:
    """Paths after a disruption.

    Parameters
    ----------
    paths : tuple of TrainPath
        Paths in the order of the plan, what is past of them included.
    changed : tuple of str
        Trains whose times are not those of the plan.
    cancelled : tuple of str
        Trains that can no longer keep the limits of what they asked for.
    closures : tuple of Closure
        What is shut, each from when the trains inside have left.
    cost : float
        Sum of weight times delay of the paths [weight s].
    bound : float
        What the cost cannot fall below: each train alone with what is shut [weight s].
    """

    paths: tuple[TrainPath, ...]
    changed: tuple[str, ...]
    cancelled: tuple[str, ...]
    closures: tuple[Closure, ...]
    cost: float
    bound: float


def reschedule(
    model: LineModel,
    paths: Sequence[TrainPath],
    disruption: Disruption,
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
    options: PlanOptions | None = None,
) -> RescheduledPaths:
    """The plan anew from an instant on, at the least delay that a number of moves finds.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : sequence of TrainPath
        The plan, without conflicts.
    disruption : Disruption
        What is otherwise than planned.
    closures : iterable of Closure
        Possessions that were known to the plan.
    links : iterable of TrainLink
        Links between trains.
    options : PlanOptions, optional
        How the first plan is improved; with no moves it is the result.

    Returns
    -------
    RescheduledPaths
        The new plan.

    Raises
    ------
    LimitError
        If a point is shut, or an unknown train is held.

    Notes
    -----
    In the first plan every train that can runs as planned, and the others take their earliest
    paths in the order in which they come; where more than a third cannot, it is that of
    :func:`serve_first_come` if that is cheaper. No train leaves its origin before it wished to.

    A train between two points at `now_s` may be held in front of the next one. One that is held
    there leaves the step so much later; one that stands at a point leaves it when it can go on.
    """
    options = options or PlanOptions()
    live = _set_out(model, paths, disruption, closures=[*closures], links=links)
    if not _keep_plan(live, disruption):
        _lay_first_come(live)
    elif _count_moved(live) > MOVED_SHARE * len(live.ahead):
        _try_first_come(live)
    improve_plan(live.state, options)
    return _read_plan(live, paths)


def serve_first_come(
    model: LineModel,
    paths: Sequence[TrainPath],
    disruption: Disruption,
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
) -> RescheduledPaths:
    """The plan anew from an instant on, first come, first served; `reschedule` is held against it.

    Every train takes its earliest path in the order in which the trains come to leave the points
    where they are; none waits for one that comes later.

    Parameters
    ----------
    model, paths, disruption, closures, links
        As of :func:`reschedule`.

    Returns
    -------
    RescheduledPaths
        The plan.

    Raises
    ------
    LimitError
        If a point is shut, or an unknown train is held.
    """
    live = _set_out(model, paths, disruption, closures=[*closures], links=links)
    _lay_first_come(live)
    return _read_plan(live, paths)


@dataclass(frozen=True, slots=True)
class _Live:
    """Trains under way, with the state of the search."""

    state: State
    parts: list[Part]
    ahead: list[Part]
    closures: tuple[Closure, ...]
    shift_s: int


def _set_out(
    model: LineModel,
    paths: Sequence[TrainPath],
    disruption: Disruption,
    *,
    closures: list[Closure],
    links: Iterable[TrainLink],
) -> _Live:
    """The trains where they are, none with a path yet."""
    _check(paths, disruption)
    parts = [
        split_path(
            path,
            disruption.now_s,
            disruption.held,
            disruption.slow,
            least_run_s=disruption.least_run_s,
        )
        for path in paths
    ]
    links = list(links)
    parts = _bind_to_past(parts, links)
    ahead = [part for part in parts if part.request is not None]
    state = encode_requests(
        model,
        [part.request for part in ahead if part.request is not None],
        closures=[*closures, *disruption.shut],
        links=links,
        uses=list_past_uses(model, parts, disruption.now_s),
        live={part.path.train_id: part.live for part in ahead if part.live is not None},
    )
    state.asked.trains["due_s"] = [part.due_s for part in ahead]
    find_least(state)
    taken = (*closures, *disruption.shut)
    return _Live(state, parts, ahead, taken, _find_shift(disruption, taken))


def _read_plan(live: _Live, paths: Sequence[TrainPath]) -> RescheduledPaths:
    """The plan of a state, with what is past of it."""
    found = _join_paths(live.state, live.ahead)
    done = [part.path for part in live.parts if part.request is None]
    new = {path.train_id: path for path in done} | found
    trains, plan = live.state.asked.trains, live.state.plan
    past = sum(path.request.traits.weight * path.delay_s for path in done)
    return RescheduledPaths(
        paths=tuple(new[path.train_id] for path in paths if path.train_id in new),
        changed=tuple(
            path.train_id
            for path in paths
            if path.train_id in found and not _runs_alike(path, found[path.train_id])
        ),
        cancelled=tuple(path.train_id for path in paths if path.train_id not in new),
        closures=_open_behind(live, found),
        cost=past + float((trains["weight"] * plan.delay_s)[plan.is_laid].sum()),
        bound=past + float((trains["weight"] * trains["least_s"])[plan.is_laid].sum()),
    )


def _check(paths: Sequence[TrainPath], disruption: Disruption) -> None:
    """Refuse what cannot be held or shut."""
    unknown = set(disruption.held) - {path.train_id for path in paths}
    if unknown or any(closure.step is None for closure in disruption.shut):
        message = f"Trains of the plan are held, not {sorted(unknown)}, and steps are shut."
        raise LimitError(message)


def _open_behind(live: _Live, found: Mapping[str, TrainPath]) -> tuple[Closure, ...]:
    """What is shut, each step from when the trains that were inside have left it."""
    left: dict[int, int] = {}
    for part in live.ahead:
        path = found.get(part.path.train_id)
        if path is not None and part.live is not None and part.live.waits_inside:
            step = int(part.whole.step_rows["row"][part.first])
            left[step] = max(left.get(step, 0), int(path.arrival_s[part.first + 1]))
    return tuple(
        closure
        if closure.step not in left
        else replace(closure, from_s=min(max(closure.from_s, left[closure.step]), closure.to_s))
        for closure in live.closures
    )


def _bind_to_past(parts: list[Part], links: Sequence[TrainLink]) -> list[Part]:
    """The trains, bound by links to others that have come to the point of the link already."""
    by_train = {part.path.train_id: part for part in parts}
    for link in links:
        part, other = by_train.get(link.train_id), by_train.get(link.other_train_id)
        if part is None or other is None or part.request is None or link.kind is LinkKind.TOGETHER:
            continue
        points = other.path.request.points
        if link.point_id in points and points.index(link.point_id) <= other.first:
            bound = bind_request(part.request, [link], {link.other_train_id: other.path})
            by_train[link.train_id] = replace(part, request=bound)
    return list(by_train.values())


def _find_shift(disruption: Disruption, taken: Iterable[Closure]) -> int:
    """By how much the old plan is shifted so that nothing is in its way [s]."""
    ends = [closure.to_s for closure in taken]
    held_s = max(disruption.held.values(), default=0)
    slow_s = sum(disruption.slow.values()) + sum(disruption.least_run_s.values())
    return max([*ends, disruption.now_s]) - disruption.now_s + held_s + slow_s


def _write_shifted(plan: Plan, live: _Live, shift_s: int) -> None:
    """Let every train stand where it is for a time and then run as planned."""
    trains = live.state.asked.trains
    for number, part in enumerate(live.ahead):
        first, end = int(trains["first"][number]), int(trains["end"][number])
        plan.arrival_s[first:end] = part.path.arrival_s[part.first :] + shift_s
        plan.departure_s[first:end] = part.path.departure_s[part.first :] + shift_s
        if part.live is not None:
            plan.arrival_s[first] = part.live.arrive_at_s
            if part.live.waits_inside:
                plan.departure_s[first] = part.path.departure_s[part.first]
    plan.delay_s[:] = plan.arrival_s[trains["end"] - 1] - trains["due_s"]
    plan.is_laid[:] = True


def _list_turns(live: _Live) -> NDArray[np.int64]:
    """Numbers of the trains in the order in which they come."""
    turns = [part.turn for part in live.ahead]
    return np.array(sorted(range(len(turns)), key=turns.__getitem__), np.int64)


def _keep_plan(live: _Live, disruption: Disruption) -> bool:
    """Let trains run as planned where they can, the others between them; whether all can run."""
    _write_shifted(live.state.best, live, 0)
    may_keep = np.array(
        [part.can_keep and part.path.train_id not in disruption.held for part in live.ahead],
        np.bool_,
    )
    is_lawful = np.zeros(len(live.ahead), np.bool_)
    return repair_plan(live.state, _list_turns(live), may_keep, is_lawful, disruption.now_s)


def _lay_first_come(live: _Live) -> None:
    """Let each train take its earliest path in the order in which it comes."""
    state, is_lawful = live.state, np.zeros(len(live.ahead), np.bool_)
    _write_shifted(state.plan, live, live.shift_s)
    load_plan(state)
    for _ in range(PASSES_MOST):
        if not lay_anew(state, _list_turns(live), is_lawful):
            break
    for number in np.flatnonzero(~is_lawful).tolist():
        take_out(state, number)


def _count_moved(live: _Live) -> int:
    """Trains that do not run as planned."""
    plan, planned, trains = live.state.plan, live.state.best, live.state.asked.trains
    is_other = (plan.arrival_s != planned.arrival_s) | (plan.departure_s != planned.departure_s)
    if not len(trains):
        return 0
    return int(np.logical_or.reduceat(is_other, trains["first"]).sum())


def _try_first_come(live: _Live) -> None:
    """Take the plan of first come, first served, where it is the cheaper one."""
    state = live.state
    plan = state.plan
    stands = (*plan, state.line.rows, state.line.uses)
    kept = [column.copy() for column in stands]
    cost = _sum_cost(state)
    # Trains without a path keep their track here; first come, first served, lays them all.
    clear_plan(state)
    _lay_first_come(live)
    if _sum_cost(state) >= cost:
        for column, values in zip(stands, kept, strict=True):
            column[:] = values


def _sum_cost(state: State) -> float:
    """Sum of weighted delays, trains without a path among them [weight s]."""
    plan, trains = state.plan, state.asked.trains
    delays = trains["weight"] * plan.delay_s
    return float(np.where(plan.is_laid, delays, trains["missing_cost"]).sum())


def _join_paths(state: State, parts: Sequence[Part]) -> dict[str, TrainPath]:
    """Paths of the trains with what is past of them."""
    plan, found = state.plan, {}
    for number, (train, part) in enumerate(zip(state.asked.trains, parts, strict=True)):
        if not plan.is_laid[number]:
            continue
        ahead = slice(int(train.first), int(train.end))
        found[part.path.train_id] = TrainPath(
            part.whole,
            np.concatenate([part.path.arrival_s[: part.first], plan.arrival_s[ahead]]),
            np.concatenate([part.path.departure_s[: part.first], plan.departure_s[ahead]]),
        )
    return found


def _runs_alike(one: TrainPath, other: TrainPath) -> bool:
    """Whether two paths have the same times."""
    arrives = np.array_equal(one.arrival_s, other.arrival_s)
    return arrives and np.array_equal(one.departure_s, other.departure_s)
