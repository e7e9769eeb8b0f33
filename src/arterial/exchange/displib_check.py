"""An independent judge of dispatching solutions: it shares no code with what makes them.

`check_solution` replays the events one by one in their listed order and holds each against the
rules of the competition; it counts the value anew. Source: [DISPLIB 2025].
"""

from dataclasses import dataclass

from arterial.errors import Fault
from arterial.exchange.displib import DisplibProblem, DisplibSolution, Operation, TrainEvent

__all__ = ["Verdict", "check_solution"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker found: the value counted anew, and every breach of a rule."""

    objective_value: int
    faults: tuple[Fault, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the solution keeps every rule and claims its true value."""
        return not self.faults


@dataclass(slots=True)
class Hold:
    """Who had a resource last, and from when it is free for others (None: still held)."""

    train: int
    free_at_s: int | None


def check_solution(problem: DisplibProblem, solution: DisplibSolution) -> Verdict:
    """Judge a solution.

    1. Times never fall along the list. 2. Each train's events are a path from entry to exit.
    3. Each start lies within its bounds. 4. An operation lasts at least its least duration.
    5. A resource is taken only after the other train's operation has ended, in the list and in
    time, and its release time has passed. A train never hinders itself, and the last operation
    of a train never ends.

    Parameters
    ----------
    problem : DisplibProblem
        The problem.
    solution : DisplibSolution
        Its events in global order.

    Returns
    -------
    Verdict
        The value counted from the events, and the breaches in list order.
    """
    faults: list[Fault] = []
    # train -> its last event; resource -> who may still bar it.
    last: dict[int, TrainEvent] = {}
    holds: dict[str, list[Hold]] = {}
    # The list, not the time alone, orders events of one second.
    previous_s = 0
    for index, event in enumerate(solution.events):
        place = f"events[{index}]"
        if event.time_s < previous_s:
            cause = f"Time {event.time_s} comes after {previous_s} in the list."
            faults.append(Fault(cause, "Sort the events by time.", column=place))
        previous_s = max(previous_s, event.time_s)
        # Nothing else can be said of an event that is not in the problem.
        if event.train >= len(problem.trains) or event.operation >= len(
            problem.trains[event.train]
        ):
            cause = f"Train {event.train} has no operation {event.operation}."
            faults.append(Fault(cause, "Use numbers of the problem.", column=place))
            continue
        faults += [Fault(c, u, column=place) for c, u in _judge_event(problem, event, last, holds)]
        # Also after a breach: one fault must not raise a fault for each event behind it.
        last[event.train] = event
    faults += [Fault(cause, cure) for cause, cure in _judge_ends(problem, last)]
    value = _count_value(problem, solution)
    if value != solution.objective_value:
        cause = f"The value is {value}, not {solution.objective_value}."
        faults.append(Fault(cause, "Write the true value.", column="objective_value"))
    return Verdict(objective_value=value, faults=tuple(faults))


def _judge_event(
    problem: DisplibProblem,
    event: TrainEvent,
    last: dict[int, TrainEvent],
    holds: dict[str, list[Hold]],
) -> list[tuple[str, str]]:
    """Breaches by one event as (cause, cure); what it frees and takes is written to `holds`."""
    breaches: list[tuple[str, str]] = []
    operations = problem.trains[event.train]
    operation = operations[event.operation]
    named = f"Train {event.train}, operation {event.operation} at {event.time_s} s"
    before = last.get(event.train)
    if before is None:
        if event.operation != 0:
            breaches.append((f"{named}: a train starts at operation 0.", "Add its entry."))
    else:
        left = operations[before.operation]
        if event.operation not in left.successors:
            cause = f"{named} does not follow operation {before.operation}."
            breaches.append((cause, "Follow the successors."))
        earliest_s = before.time_s + left.min_duration_s
        if event.time_s < earliest_s:
            cause = f"{named}: operation {before.operation} lasts to {earliest_s} s at least."
            breaches.append((cause, "Start it later."))
        # Freed before the next is taken: a train may keep a resource from one to the next.
        _free(left, event, holds)
    if event.time_s < operation.start_lb_s:
        breaches.append((f"{named} is before {operation.start_lb_s} s.", "Start it later."))
    if operation.start_ub_s is not None and event.time_s > operation.start_ub_s:
        breaches.append((f"{named} is after {operation.start_ub_s} s.", "Start it earlier."))
    breaches += [
        (f"{named} takes {use.resource!r}, {why}.", "Wait until it is free.")
        for use in operation.resources
        for why in _hindrances(holds.get(use.resource, []), event)
    ]
    for use in operation.resources:
        holds.setdefault(use.resource, []).append(Hold(event.train, None))
    return breaches


def _free(left: Operation, event: TrainEvent, holds: dict[str, list[Hold]]) -> None:
    """Note from when the resources of an operation that ends are free again."""
    for use in left.resources:
        for hold in holds.get(use.resource, []):
            if hold.train == event.train and hold.free_at_s is None:
                hold.free_at_s = event.time_s + use.release_time_s
        # Holds that have run out for every later event can be forgotten.
        holds[use.resource] = [
            hold
            for hold in holds.get(use.resource, [])
            if hold.free_at_s is None or hold.free_at_s > event.time_s
        ]


def _hindrances(holds: list[Hold], event: TrainEvent) -> list[str]:
    """Why other trains bar a resource at an event."""
    return [
        f"which train {hold.train} holds"
        if hold.free_at_s is None
        else f"which train {hold.train} frees at {hold.free_at_s} s"
        for hold in holds
        if hold.train != event.train and (hold.free_at_s is None or event.time_s < hold.free_at_s)
    ]


def _judge_ends(problem: DisplibProblem, last: dict[int, TrainEvent]) -> list[tuple[str, str]]:
    """Trains that never start or never reach their exit."""
    breaches = []
    for train, operations in enumerate(problem.trains):
        event = last.get(train)
        if event is None:
            breaches.append((f"Train {train} has no events.", "Add its path."))
        elif event.operation != len(operations) - 1:
            cause = f"Train {train} ends at operation {event.operation}, not at its exit."
            breaches.append((cause, "Add the rest of its path."))
    return breaches


def _count_value(problem: DisplibProblem, solution: DisplibSolution) -> int:
    """The value of the events: the sum of the prices of the operations that are used."""
    prices = {(cost.train, cost.operation): cost for cost in problem.objective}
    return sum(
        prices[event.train, event.operation].price(event.time_s)
        for event in solution.events
        if (event.train, event.operation) in prices
    )
