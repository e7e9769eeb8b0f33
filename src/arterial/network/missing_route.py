"""Why there is no route: the smallest set of constraints that bars one.

Main function: `explain_missing_route`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Final

from arterial.errors import Fault, InfeasibleError
from arterial.network.graph import (
    ANY_GAUGE,
    Arc,
    Constraints,
    build_search_graph,
    find_paths,
)
from arterial.network.model import Network, Section
from arterial.network.route import Route, make_route

__all__ = ["explain_missing_route"]

Relaxation = Callable[[Constraints], Constraints]

RELAXATIONS: Final[Mapping[str, Relaxation]] = {
    "on any gauge": lambda c: replace(c, gauges_mm=(ANY_GAUGE,)),
    "with a change of gauge at any point": lambda c: replace(c, gauge_changes="anywhere"),
    "under any electrification": lambda c: replace(c, electrification=None),
    "over any line": lambda c: replace(c, lines=()),
    "in either direction": lambda c: replace(c, keeps_direction=False),
    "over closed sections": lambda c: replace(c, keeps_closures=False),
}
"""How each constraint is dropped, by the words that say so."""

MAXIMUM_SECTIONS_NAMED: Final = 5


def explain_missing_route(
    network: Network, targets: list[int], constraints: Constraints
) -> InfeasibleError:
    """Error that says which constraints bar every way, and what dropping each would open.

    The first leg that cannot be reached is looked at. Each constraint is dropped in turn; where
    none alone opens a way, each pair, and so on: the sets reported are the smallest.

    Parameters
    ----------
    network : Network
        The network.
    targets : list of int
        Indices of the points to pass in order.
    constraints : Constraints
        What no way can meet.

    Returns
    -------
    InfeasibleError
        To be raised; one fault for each smallest set of constraints.
    """
    prefix = _find_blocked_prefix(network, targets, constraints)
    begin, end = (network.describe_point(network.point_ids[target]) for target in prefix[-2:])
    kept = replace(constraints, lines=constraints.lines[: len(prefix) - 1])
    message = f"There is no way from {begin} to {end}{_describe(kept)}."
    for size in range(1, len(RELAXATIONS) + 1):
        faults = []
        for words in combinations(RELAXATIONS, size):
            relaxed = kept
            for word in words:
                relaxed = RELAXATIONS[word](relaxed)
            path = _find_last_leg(network, prefix, relaxed)
            if path:
                route = make_route(network, path)
                faults.append(_describe_opening(network, words, route, kept))
        if faults:
            return InfeasibleError(message, faults)
    cause = f"No sections join {begin} and {end} at all."
    return InfeasibleError(message, [Fault(cause, "Add the missing sections.")])


def _find_blocked_prefix(
    network: Network, targets: list[int], constraints: Constraints
) -> list[int]:
    """Shortest beginning of the points in order that has no way."""
    for length in range(2, len(targets)):
        prefix = targets[:length]
        kept = replace(constraints, lines=constraints.lines[: length - 1])
        if not find_paths(build_search_graph(network, prefix, kept), 1):
            return prefix
    return targets


def _find_last_leg(network: Network, prefix: list[int], constraints: Constraints) -> list[Arc]:
    """Arcs of the last leg of the shortest way through the prefix; empty when there is none."""
    paths = find_paths(build_search_graph(network, prefix, constraints), 1)
    if not paths:
        return []
    legs_left, start = len(prefix) - 2, 0
    for place, arc in enumerate(paths[0]):
        end = int(network.step_to[arc.step] if arc.is_forward else network.step_from[arc.step])
        passed = len(prefix) - 1 - legs_left
        if legs_left and end == prefix[passed]:
            legs_left, start = legs_left - 1, place + 1
    return paths[0][start:]


def _describe(constraints: Constraints) -> str:
    """The constraints in words, with a leading blank where there are any."""
    parts = []
    if constraints.gauges_mm is not None:
        gauges = " or ".join(str(gauge) for gauge in constraints.gauges_mm)
        parts.append(f"on {gauges} mm")
    if constraints.electrification is not None:
        parts.append(f"under {' or '.join(constraints.electrification)}")
    if constraints.lines and constraints.lines[-1] is not None:
        parts.append(f"over line {constraints.lines[-1]}")
    return f" {' and '.join(parts)}" if parts else ""


def _describe_opening(
    network: Network, words: tuple[str, ...], route: Route, kept: Constraints
) -> Fault:
    """What dropping the constraints would open, and the sections that they bar."""
    barred = list(
        dict.fromkeys(
            f"{step.section.section_id} ({_describe_section(step.section)})"
            for step in route.steps
            if _is_barred(step.section, kept, is_forward=step.is_forward)
        )
    )
    changes = [
        f"{change.from_value} to {change.to_value} mm at {network.describe_point(change.point_id)}"
        for change in route.changes
        if change.kind == "gauge" and not change.is_declared
    ]
    named = barred[:MAXIMUM_SECTIONS_NAMED]
    if len(barred) > len(named):
        named.append(f"{len(barred) - len(named)} more")
    over = f" via {', '.join(named)}" if named else ""
    changing = f", changing {', '.join(changes)}" if changes and not barred else ""
    wording = " and ".join(words)
    cause = f"{wording.capitalize()} there is one of {route.length_km:.1f} km{over}{changing}."
    return Fault(cause, "Allow this, or correct the sections named.")


def _is_barred(section: Section, kept: Constraints, *, is_forward: bool) -> bool:
    """Whether a section breaks one of the constraints."""
    line = kept.lines[-1] if kept.lines else None
    gauges = kept.gauges_mm
    systems = kept.electrification
    wrong_way = "backward" if is_forward else "forward"
    return (
        (gauges is not None and not set(gauges) & set(section.gauges_mm))
        or (systems is not None and section.electrification not in systems)
        or (line is not None and section.line_id != line)
        or section.direction == wrong_way
        or not section.is_open
    )


def _describe_section(section: Section) -> str:
    """Attributes of a section that a search looks at, in words."""
    parts = [
        f"{' and '.join(str(gauge) for gauge in section.gauges_mm)} mm",
        section.electrification or "electrification unknown",
    ]
    if section.direction != "both":
        parts.append(f"{section.direction} only")
    if not section.is_open:
        parts.append("closed")
    return ", ".join(parts)
