"""Dispatching problems and solutions in the format of DISPLIB 2025.

A problem is, for each train, a graph of operations from one entry to one exit. An operation needs
resources that one train holds at a time, lasts a least duration, and ends exactly when its
successor starts: waiting is staying in an operation. A resource is free again ``release_time_s``
after the operation that held it has ended. Delay is priced where an operation starts:
``coefficient * max(0, start - threshold) + increment * [start >= threshold]``.

The main functions are `read_problem` and `write_solution`. Source: [DISPLIB 2025].
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arterial.errors import Fault, StudyError
from arterial.exchange.displib_rules import find_problem_faults, find_solution_faults
from arterial.study.csvtext import read_bounded
from arterial.writing import write_whole

__all__ = [
    "DelayCost",
    "DisplibProblem",
    "DisplibSolution",
    "Operation",
    "ResourceUse",
    "TrainEvent",
    "parse_problem",
    "parse_solution",
    "read_problem",
    "read_solution",
    "write_problem",
    "write_solution",
]

ENCODING: Final = "utf-8-sig"
LARGEST_SUM: Final = 2**53
"""Least sum of times or prices that is refused."""


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A resource that an operation holds, and how long it stays closed afterwards [s]."""

    resource: str
    release_time_s: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a train: bounds of its start, least duration, resources, what may follow."""

    min_duration_s: int
    successors: tuple[int, ...]
    resources: tuple[ResourceUse, ...] = ()
    start_lb_s: int = 0
    start_ub_s: int | None = None


@dataclass(frozen=True, slots=True)
class DelayCost:
    """The price of starting an operation late; it counts only where the operation is used."""

    train: int
    operation: int
    threshold_s: int = 0
    coefficient: int = 0
    increment: int = 0

    def price(self, start_s: int) -> int:
        """Cost of a start [cost units].

        Examples
        --------
        >>> DelayCost(0, 3, threshold_s=10, coefficient=2, increment=5).price(14)
        13
        """
        if start_s < self.threshold_s:
            return 0
        return self.coefficient * (start_s - self.threshold_s) + self.increment


@dataclass(frozen=True, slots=True)
class DisplibProblem:
    """Trains as operation graphs, and the prices of their delays."""

    trains: tuple[tuple[Operation, ...], ...]
    objective: tuple[DelayCost, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class TrainEvent:
    """A train starts an operation."""

    time_s: int
    train: int
    operation: int


@dataclass(frozen=True, slots=True)
class DisplibSolution:
    """Every start in one global order; the order decides who goes first within a second."""

    objective_value: int
    events: tuple[TrainEvent, ...]


def read_problem(path: Path | str) -> DisplibProblem:
    """Read a dispatching problem.

    Parameters
    ----------
    path : Path or str
        A JSON file.

    Returns
    -------
    DisplibProblem
        The checked problem, named after the file.

    Raises
    ------
    StudyError
        With every fault found: file, train, operation, cure.
    """
    file = Path(path)
    return parse_problem(_load_json(file), name=file.stem, file=str(file))


def read_solution(path: Path | str) -> DisplibSolution:
    """Read a solution; only its form is checked, not whether it solves a problem."""
    file = Path(path)
    return parse_solution(_load_json(file), file=str(file))


def parse_problem(content: object, *, name: str = "", file: str = "") -> DisplibProblem:
    """Turn parsed JSON into a checked problem; the faults are those of `read_problem`.

    Examples
    --------
    >>> one = {"trains": [[{"min_duration": 0, "successors": []}]], "objective": []}
    >>> parse_problem(one).trains[0][0].start_lb_s
    0
    """
    faults = find_problem_faults(content, file=file)
    if faults or not isinstance(content, dict):
        message = f"{file or 'The problem'} is no dispatching problem."
        raise StudyError(message, faults)
    trains = tuple(
        tuple(_parse_operation(operation) for operation in train) for train in content["trains"]
    )
    objective = tuple(
        DelayCost(
            train=component["train"],
            operation=component["operation"],
            threshold_s=component.get("threshold", 0),
            coefficient=component.get("coeff", 0),
            increment=component.get("increment", 0),
        )
        for component in content["objective"]
    )
    problem = DisplibProblem(trains=trains, objective=objective, name=name)
    _check_prices(problem, file)
    return problem


def _check_prices(problem: DisplibProblem, file: str) -> None:
    """Refuse numbers whose prices, all trains one behind the other, no solver can add up."""
    horizon_s = max(
        (operation.start_lb_s for train in problem.trains for operation in train), default=0
    )
    horizon_s += sum(operation.min_duration_s for train in problem.trains for operation in train)
    price = sum(cost.coefficient * horizon_s + cost.increment for cost in problem.objective)
    if max(horizon_s, price) < LARGEST_SUM:
        return
    what = "durations" if horizon_s >= LARGEST_SUM else "prices"
    fault = Fault(
        cause=f"Its {what} may add up to 2^53 and more, beyond what is reckoned exactly.",
        cure="Give times in seconds, and smaller coefficients.",
        file=file,
    )
    message = f"{file or 'The problem'} is no dispatching problem."
    raise StudyError(message, [fault])


def parse_solution(content: object, *, file: str = "") -> DisplibSolution:
    """Turn parsed JSON into a solution."""
    faults = find_solution_faults(content, file=file)
    if faults or not isinstance(content, dict):
        message = f"{file or 'The solution'} is no dispatching solution."
        raise StudyError(message, faults)
    events = tuple(
        TrainEvent(time_s=event["time"], train=event["train"], operation=event["operation"])
        for event in content["events"]
    )
    return DisplibSolution(objective_value=content["objective_value"], events=events)


def write_problem(problem: DisplibProblem, path: Path | str) -> None:
    """Write a problem; values at their default are left out."""
    trains = [[_format_operation(operation) for operation in train] for train in problem.trains]
    objective = [
        {"type": "op_delay", "train": cost.train, "operation": cost.operation}
        | _without_zeros(
            {"threshold": cost.threshold_s, "coeff": cost.coefficient, "increment": cost.increment}
        )
        for cost in problem.objective
    ]
    _write_json({"trains": trains, "objective": objective}, Path(path))


def write_solution(solution: DisplibSolution, path: Path | str) -> None:
    """Write a solution in the competition's format; nothing half-written is left behind."""
    events = [
        {"time": event.time_s, "train": event.train, "operation": event.operation}
        for event in solution.events
    ]
    _write_json({"objective_value": solution.objective_value, "events": events}, Path(path))


def _load_json(file: Path) -> object:
    """The content of a JSON file; a fault where it is none."""
    try:
        content: object = json.loads(read_bounded(file).decode(ENCODING))
    except UnicodeDecodeError as error:
        fault = Fault(
            cause=f"Byte {error.start} is not UTF-8.", cure="Save it as UTF-8.", file=str(file)
        )
    except json.JSONDecodeError as error:
        cause = f"It is not JSON: {error.msg} at character {error.colno}."
        fault = Fault(cause=cause, cure="Mend the JSON there.", file=str(file), row=error.lineno)
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        fault = Fault(
            cause="It holds a number of thousands of digits.",
            cure="Write numbers below 2^53.",
            file=str(file),
        )
    except RecursionError:
        fault = Fault(
            cause="Its brackets are nested too deep.",
            cure="Write trains as lists of operations.",
            file=str(file),
        )
    else:
        return content
    message = f"{file} cannot be read."
    raise StudyError(message, [fault])


def _parse_operation(operation: dict[str, Any]) -> Operation:
    """One operation of checked JSON."""
    return Operation(
        min_duration_s=operation["min_duration"],
        successors=tuple(operation["successors"]),
        resources=tuple(
            ResourceUse(use["resource"], use.get("release_time", 0))
            for use in operation.get("resources", ())
        ),
        start_lb_s=operation.get("start_lb", 0),
        start_ub_s=operation.get("start_ub"),
    )


def _format_operation(operation: Operation) -> dict[str, Any]:
    """One operation as JSON."""
    record: dict[str, Any] = _without_zeros({"start_lb": operation.start_lb_s})
    if operation.start_ub_s is not None:
        record["start_ub"] = operation.start_ub_s
    record["min_duration"] = operation.min_duration_s
    if operation.resources:
        record["resources"] = [
            {"resource": use.resource} | _without_zeros({"release_time": use.release_time_s})
            for use in operation.resources
        ]
    record["successors"] = list(operation.successors)
    return record


def _without_zeros(record: dict[str, int]) -> dict[str, Any]:
    """The entries that differ from the default of zero."""
    return {key: value for key, value in record.items() if value != 0}


def _write_json(content: object, path: Path) -> None:
    """Write JSON without blanks."""
    write_whole(path, json.dumps(content, separators=(",", ":")))
