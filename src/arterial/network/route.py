"""A route: the steps a train takes, its distances, errors, changes and reversals."""

from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from arterial.network.graph import Arc
from arterial.network.model import Network, Section

__all__ = ["Route", "RouteChange", "RouteStep", "make_route"]


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One step of a route, from one operational point to the next.

    Parameters
    ----------
    from_point, to_point : str
        Where it begins and ends.
    section : Section
        Section it lies in.
    from_offset_km, to_offset_km : float
        Distances of its begin and end from the section's from_point [km]; the first is the
        larger one where the section is run backward.
    gauge_mm : int
        Gauge it is run on [mm]; 0 where gauge was not looked at.
    """

    from_point: str
    to_point: str
    section: Section
    from_offset_km: float
    to_offset_km: float
    gauge_mm: int

    @property
    def length_km(self) -> float:
        """Length [km]."""
        return abs(self.to_offset_km - self.from_offset_km)

    @property
    def is_forward(self) -> bool:
        """Whether the section is run from its from_point to its to_point."""
        return self.to_offset_km >= self.from_offset_km


@dataclass(frozen=True, slots=True)
class RouteChange:
    """A change of gauge or electrification on a route.

    Parameters
    ----------
    point_id : str
        Where it happens.
    kind : str
        ``"gauge"`` or ``"electrification"``.
    from_value, to_value : str
        Values before and after.
    is_declared : bool
        Whether the study declares the change at this point.
    """

    point_id: str
    kind: str
    from_value: str
    to_value: str
    is_declared: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A way through the network.

    Parameters
    ----------
    steps : tuple of RouteStep
        The steps in order, shape ``(n_steps,)``.
    distance_km : tuple of float
        Distance of each point from the start [km], shape ``(n_steps + 1,)``.
    distance_error_km : tuple of (float or None)
        Stated error of each distance [km], shape ``(n_steps + 1,)``; None = unknown.
    changes : tuple of RouteChange
        Changes of gauge and electrification, in order.
    reversals : tuple of str
        Points at which the train turns back.
    """

    steps: tuple[RouteStep, ...]
    distance_km: tuple[float, ...]
    distance_error_km: tuple[float | None, ...]
    changes: tuple[RouteChange, ...]
    reversals: tuple[str, ...]

    @property
    def points(self) -> tuple[str, ...]:
        """Operational points in order, shape ``(n_steps + 1,)``."""
        return (self.steps[0].from_point, *(step.to_point for step in self.steps))

    @property
    def section_ids(self) -> tuple[str, ...]:
        """Section of each step, shape ``(n_steps,)``."""
        return tuple(step.section.section_id for step in self.steps)

    @property
    def length_km(self) -> float:
        """Length [km]."""
        return self.distance_km[-1]

    @property
    def length_error_km(self) -> float | None:
        """Stated error of the length [km]; None = unknown."""
        return self.distance_error_km[-1]


def make_route(network: Network, arcs: list[Arc]) -> Route:
    """Route made of the arcs that a search found.

    Errors of section lengths are taken as independent and added as root-sum-square; a section run
    in part counts its error in proportion, and a cut inside a section adds the location error of
    the point of the cut. An unknown error makes every error after it unknown.

    Parameters
    ----------
    network : Network
        Network the arcs belong to.
    arcs : list of Arc
        At least one, each beginning where the one before it ends.

    Returns
    -------
    Route
        With every change and every reversal.
    """
    steps = tuple(_make_step(network, arc) for arc in arcs)
    distances = [0.0]
    for step in steps:
        distances.append(distances[-1] + step.length_km)
    return Route(
        steps=steps,
        distance_km=tuple(distances),
        distance_error_km=tuple(_sum_errors(network, steps)),
        changes=tuple(_list_changes(network, steps)),
        reversals=tuple(
            before.to_point for before, after in pairwise(steps) if _is_reversal(before, after)
        ),
    )


def _make_step(network: Network, arc: Arc) -> RouteStep:
    """Step of a route from one arc."""
    begin, end = int(network.step_from[arc.step]), int(network.step_to[arc.step])
    begin_km = float(network.step_offset_km[arc.step])
    end_km = begin_km + float(network.step_length_km[arc.step])
    if not arc.is_forward:
        begin, end, begin_km, end_km = end, begin, end_km, begin_km
    return RouteStep(
        from_point=network.point_ids[begin],
        to_point=network.point_ids[end],
        section=network.sections[int(network.step_section[arc.step])],
        from_offset_km=begin_km,
        to_offset_km=end_km,
        gauge_mm=arc.gauge_mm,
    )


def _is_reversal(before: RouteStep, after: RouteStep) -> bool:
    """Whether a train turns back between two steps.

    Seen where it goes back to the point it came from, or changes its direction within a section;
    how the tracks of different sections lie at the point they share is not in the study.
    """
    turns = before.section is after.section and before.is_forward != after.is_forward
    return turns or before.from_point == after.to_point


def _sum_errors(network: Network, steps: tuple[RouteStep, ...]) -> list[float | None]:
    """Error of the distance of each point, root-sum-square over the sections run [km]."""
    errors: list[float | None] = [0.0]
    # Square of the error of all sections left behind, and where the present section was entered.
    behind: float | None = 0.0
    entry = steps[0]
    for number, step in enumerate(steps):
        if number and step.section is not steps[number - 1].section:
            behind, entry = _square(errors[-1]), step
        share = abs(step.to_offset_km - entry.from_offset_km) / step.section.length_km
        cuts = _find_cut_error(network, step.section, (entry.from_point, step.to_point))
        length_error = step.section.length_error_km
        if behind is None or length_error is None or cuts is None:
            errors.append(None)
        else:
            errors.append(hypot(behind**0.5, length_error * share, cuts))
    return errors


def _square(value: float | None) -> float | None:
    """Square of a value that may be unknown."""
    return None if value is None else value * value


def _find_cut_error(network: Network, section: Section, points: tuple[str, ...]) -> float | None:
    """Root-sum-square of the location errors of the points that lie inside a section [km]."""
    inside = [p for p in points if p not in (section.from_point, section.to_point)]
    if not inside:
        return 0.0
    number = network.sections.index(section)
    total = 0.0
    for point_id in inside:
        error = network.location_error_km.get((number, network.point_ids.index(point_id)))
        if error is None:
            return None
        total = hypot(total, error)
    return total


def _list_changes(network: Network, steps: tuple[RouteStep, ...]) -> list[RouteChange]:
    """Changes of gauge and of electrification between the steps."""
    declared = {(change.point_id, change.kind, change.values) for change in network.change_points}
    changes = []
    for before, after in pairwise(steps):
        for kind, old, new in (
            ("gauge", str(before.gauge_mm), str(after.gauge_mm)),
            ("electrification", before.section.electrification, after.section.electrification),
        ):
            if old is not None and new is not None and old != new:
                key = (before.to_point, kind, frozenset({old, new}))
                changes.append(RouteChange(before.to_point, kind, old, new, key in declared))
    return changes
