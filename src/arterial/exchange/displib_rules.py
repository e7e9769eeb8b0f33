"""What a DISPLIB file must hold: every fault at once, with train, operation and cure.

The main functions are `find_problem_faults` and `find_solution_faults`; they look at parsed JSON
and never fail on what they meet. Source: [DISPLIB 2025].
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from arterial.errors import Fault

__all__ = ["LARGEST_NUMBER", "find_problem_faults", "find_solution_faults"]

# Times up to about 34,000 years; their sums and scaled values stay within 64 bits.
LARGEST_NUMBER: Final = 2**40

PROBLEM_KEYS: Final = {"trains": True, "objective": True}
OPERATION_KEYS: Final = {
    "start_lb": False,
    "start_ub": False,
    "min_duration": True,
    "resources": False,
    "successors": True,
}
USE_KEYS: Final = {"resource": True, "release_time": False}
COMPONENT_KEYS: Final = {
    "type": True,
    "train": True,
    "operation": True,
    "threshold": False,
    "coeff": False,
    "increment": False,
}
SOLUTION_KEYS: Final = {"objective_value": True, "events": True}
EVENT_KEYS: Final = {"time": True, "train": True, "operation": True}


def find_problem_faults(content: object, *, file: str = "") -> list[Fault]:
    """Every fault of a problem.

    Parameters
    ----------
    content : object
        Parsed JSON.
    file : str
        Name of the file for the messages.

    Returns
    -------
    list of Fault
        Empty where the problem is sound; ``column`` holds the place, as
        ``trains[3][5].min_duration``.

    Examples
    --------
    >>> [str(fault) for fault in find_problem_faults({"trains": []})]
    ['objective: It is missing. Add "objective".']
    """
    return [
        Fault(cause=fault.cause, cure=fault.cure, file=file, column=fault.column, near=fault.near)
        for fault in _problem_faults(content)
    ]


def find_solution_faults(content: object, *, file: str = "") -> list[Fault]:
    """Every fault in the form of a solution; whether it solves a problem is another question."""
    return [
        Fault(cause=fault.cause, cure=fault.cure, file=file, column=fault.column, near=fault.near)
        for fault in _solution_faults(content)
    ]


def _problem_faults(content: object) -> Iterator[Fault]:
    """Faults of the whole, then of each train, then of the objective."""
    yield from _key_faults(content, PROBLEM_KEYS, "")
    if not isinstance(content, dict):
        return
    trains = content.get("trains", [])
    yield from _list_faults(trains, "trains")
    sizes: list[int] = []
    for index, train in enumerate(trains if isinstance(trains, list) else []):
        yield from _train_faults(train, f"trains[{index}]")
        sizes.append(len(train) if isinstance(train, list) else 0)
    objective = content.get("objective", [])
    yield from _list_faults(objective, "objective")
    seen: set[tuple[int, int]] = set()
    for index, component in enumerate(objective if isinstance(objective, list) else []):
        yield from _component_faults(component, f"objective[{index}]", sizes, seen)


def _solution_faults(content: object) -> Iterator[Fault]:
    """Faults of the form of a solution."""
    yield from _key_faults(content, SOLUTION_KEYS, "")
    if not isinstance(content, dict):
        return
    yield from _number_faults(content, ("objective_value",), "")
    events = content.get("events", [])
    yield from _list_faults(events, "events")
    for index, event in enumerate(events if isinstance(events, list) else []):
        yield from _key_faults(event, EVENT_KEYS, f"events[{index}]")
        if isinstance(event, dict):
            yield from _number_faults(event, ("time", "train", "operation"), f"events[{index}]")


def _train_faults(train: object, place: str) -> Iterator[Fault]:
    """Faults of one train: its operations, then its graph."""
    yield from _list_faults(train, place)
    if not isinstance(train, list):
        return
    if not train:
        yield Fault("The train has no operation.", "Give it one, or drop the train.", column=place)
    count = len(train)
    reached = {0}
    for index, operation in enumerate(train):
        where = f"{place}[{index}]"
        yield from _key_faults(operation, OPERATION_KEYS, where)
        if not isinstance(operation, dict):
            continue
        yield from _number_faults(operation, ("start_lb", "start_ub", "min_duration"), where)
        yield from _bound_faults(operation, where)
        yield from _resource_faults(operation.get("resources", []), f"{where}.resources")
        successors = operation.get("successors", [])
        yield from _successor_faults(successors, index, count, f"{where}.successors")
        if isinstance(successors, list):
            reached.update(item for item in successors if _is_number(item))
    for index in range(count):
        if index not in reached:
            cause = "No operation leads here, and only the first may be an entry."
            yield Fault(cause, "Name it as a successor, or drop it.", column=f"{place}[{index}]")


def _bound_faults(operation: Mapping[str, Any], where: str) -> Iterator[Fault]:
    """An upper bound below the lower one."""
    low, high = operation.get("start_lb", 0), operation.get("start_ub")
    if _is_number(low) and _is_number(high) and high < low:
        cause = f"start_ub {high} is below start_lb {low}."
        yield Fault(cause, "Raise start_ub or lower start_lb.", column=f"{where}.start_ub")


def _resource_faults(uses: object, where: str) -> Iterator[Fault]:
    """Faults of the resources of one operation."""
    yield from _list_faults(uses, where)
    for index, use in enumerate(uses if isinstance(uses, list) else []):
        place = f"{where}[{index}]"
        yield from _key_faults(use, USE_KEYS, place)
        if not isinstance(use, dict):
            continue
        yield from _number_faults(use, ("release_time",), place)
        name = use.get("resource", "")
        if not isinstance(name, str):
            cause, cure = f"{name!r} is no name.", "Write text in quotes."
            yield Fault(cause, cure, column=f"{place}.resource")


def _successor_faults(successors: object, index: int, count: int, where: str) -> Iterator[Fault]:
    """Successors that do not exist, come earlier, or make a second exit."""
    yield from _list_faults(successors, where)
    if not isinstance(successors, list):
        return
    if not successors and index != count - 1:
        cause = "It has no successor, and only the last operation may be an exit."
        yield Fault(cause, "Name a successor, or move it to the end.", column=where)
    for item in successors:
        if not _is_number(item) or item >= count:
            cause = f"{item!r} is no operation of this train."
            yield Fault(cause, f"Use a number from {index + 1} to {count - 1}.", column=where)
        elif item <= index:
            cause = f"Successor {item} does not come after operation {index}."
            yield Fault(
                cause, "List operations so that each follows those before it.", column=where
            )
    numbers = [item for item in successors if _is_number(item)]
    if len(set(numbers)) < len(numbers):
        yield Fault("A successor is named twice.", "Name each once.", column=where)


def _component_faults(
    component: object, where: str, sizes: list[int], seen: set[tuple[int, int]]
) -> Iterator[Fault]:
    """Faults of one part of the objective."""
    yield from _key_faults(component, COMPONENT_KEYS, where)
    if not isinstance(component, dict):
        return
    names = ("train", "operation", "threshold", "coeff", "increment")
    yield from _number_faults(component, names, where)
    kind = component.get("type", "op_delay")
    if kind != "op_delay":
        cause = f"{kind!r} is no known type."
        yield Fault(cause, "Use op_delay.", column=f"{where}.type", near=("op_delay",))
    train, operation = component.get("train", 0), component.get("operation", 0)
    if not _is_number(train) or not _is_number(operation):
        return
    if train >= len(sizes):
        cause, cure = f"There is no train {train}.", f"Use a number from 0 to {len(sizes) - 1}."
        yield Fault(cause, cure, column=f"{where}.train")
    elif operation >= sizes[train]:
        cause = f"Train {train} has no operation {operation}."
        cure = f"Use a number from 0 to {sizes[train] - 1}."
        yield Fault(cause, cure, column=f"{where}.operation")
    elif (train, operation) in seen:
        cause = f"Operation {operation} of train {train} is priced twice."
        yield Fault(cause, "Join the two prices in one component.", column=where)
    seen.add((train, operation))


def _key_faults(record: object, keys: Mapping[str, bool], place: str) -> Iterator[Fault]:
    """Keys that are unknown, or required and missing."""
    if not isinstance(record, dict):
        yield Fault("It is no JSON object.", "Write it in curly brackets.", column=place or None)
        return
    for key in record:
        if key not in keys:
            near = tuple(get_close_matches(str(key), keys, n=1))
            yield Fault("The key is unknown.", "Remove it.", column=_join(place, key), near=near)
    for key, is_required in keys.items():
        if is_required and key not in record:
            yield Fault("It is missing.", f'Add "{key}".', column=_join(place, key))


def _number_faults(record: Mapping[str, Any], names: Iterable[str], place: str) -> Iterator[Fault]:
    """Values that are no whole numbers from zero to the limit."""
    for name in names:
        if name in record and not _is_number(record[name]):
            cause = f"{record[name]!r} is no whole number from 0 to {LARGEST_NUMBER}."
            yield Fault(cause, "Write whole seconds or a count.", column=_join(place, name))


def _list_faults(value: object, place: str) -> Iterator[Fault]:
    """A value that is no list."""
    if not isinstance(value, list):
        yield Fault("It is no list.", "Write it in square brackets.", column=place)


def _is_number(value: object) -> bool:
    """Whether a value is a whole number within the limit; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER


def _join(place: str, key: str) -> str:
    """The place of a key within a record."""
    return f"{place}.{key}" if place else str(key)
