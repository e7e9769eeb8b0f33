"""The rules that the way of a train keeps: modes, changes between them, borders.

Main class: :class:`RouteRules`. The train runs in modes, a gauge and what hauls it; it passes from
one to another, and over a border, only where the study states how long that takes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Final

import polars as pl

from arterial.network import Network
from arterial.network.graph import Arc, Constraints, Crossing, Mode, ModeChange, list_gauges
from arterial.timetable.paths.equipment import Equipment, Hauler, list_haulers, list_misfits
from arterial.timetable.paths.stands import Need, StatedStands
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["ANYTHING", "RouteRequest", "RouteRules"]

CHANGE_KMH: Final = 50.0
"""What a train would run while it stands for a change, where ways are weighed: an assumption."""

WRONG_GAUGE: Final = 2.0
"""What a step of a gauge that is not the train's counts beside a change that it cannot make: more,
so that the change is told where the train could begin on its own gauge [1]."""

ANYTHING: Final = "?"
"""Stands for a locomotive that the study does not have."""

TRAIN_CHANGES: Final = frozenset({"bogie_exchange", "variable_gauge"})
"""Methods by which a train, and not its load, changes gauge."""


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """What is asked of a way.

    Parameters
    ----------
    points : tuple of str
        Points that it passes in order, at least two.
    equipment : Equipment
        The train.
    stops_min : mapping of str to float
        Standstills that are asked for, by point; they serve what nothing is stated of [min].
    """

    points: tuple[str, ...]
    equipment: Equipment
    stops_min: Mapping[str, float]


class RouteRules:
    """Which modes, changes and crossings a train may use, and how long they take.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        As of :func:`arterial.timetable.paths.equipped_routes.find_equipped_route`.
    stated : StatedStands
        What is stated of standstills.
    asked : RouteRequest
        What is asked for.
    """

    def __init__(
        self,
        network: Network,
        tables: Mapping[str, pl.DataFrame],
        stated: StatedStands,
        asked: RouteRequest,
    ) -> None:
        self.network, self.stated, self.asked = network, stated, asked
        self.train = asked.equipment
        points = tables["operational_points"]
        sections = tables["sections"]
        rows = {row["section_id"]: row for row in sections.iter_rows(named=True)}
        self.owners = {name: row["railway_id"] for name, row in rows.items()}
        self.misfits = [list_misfits(self.train, rows[one.section_id]) for one in network.sections]
        self.modes: list[tuple[int, Hauler]] = []
        self._haulers = list_haulers(network, tables, self.train)
        self._countries = dict(points.select("point_id", "country").iter_rows())

    def constrain(self, *, broken_km: float = inf) -> Constraints:
        """The rules as a search keeps them.

        Parameters
        ----------
        broken_km : float
            What breaking a rule weighs; infinite = none may be broken [km].

        Returns
        -------
        Constraints
            Their modes are those of ``modes``.
        """
        is_strict = broken_km == inf
        own = set(self.train.gauges_mm)
        self.modes = []
        for gauge in list_gauges(self.network):
            if is_strict and own and gauge not in own:
                continue
            haulers = [one for one in self._haulers if gauge in (one.gauges_mm or (gauge,))]
            if not is_strict:
                nothing = tuple(
                    float(all(hauler.factors[number] == 0 for hauler in haulers))
                    for number in range(len(self.network.sections))
                )
                haulers.append(Hauler(ANYTHING, nothing))
            self.modes += [(gauge, hauler) for hauler in haulers]
        return Constraints(
            keeps_direction=is_strict,
            keeps_closures=is_strict,
            modes=tuple(self._make_mode(gauge, hauler, broken_km) for gauge, hauler in self.modes),
            mode_changes=tuple(self._list_changes(broken_km)),
            crossings=tuple(self._list_crossings(broken_km)),
        )

    def _make_mode(self, gauge: int, hauler: Hauler, broken_km: float) -> Mode:
        """A mode with what each section weighs in it."""
        factors, more_km = [], []
        is_strange = bool(self.train.gauges_mm) and gauge not in self.train.gauges_mm
        for number, section in enumerate(self.network.sections):
            factor = hauler.factors[number] if gauge in section.gauges_mm else 0.0
            broken = len(self.misfits[number]) + (not section.is_open)
            broken += hauler.name == ANYTHING
            weight = broken + WRONG_GAUGE * is_strange
            factors.append(0.0 if weight and broken_km == inf else factor)
            more_km.append(weight * broken_km if weight and broken_km < inf else 0.0)
        return Mode(gauge, tuple(factors), tuple(more_km))

    def _list_changes(self, broken_km: float) -> Iterator[ModeChange]:
        """Where the train may pass from mode to mode."""
        for point in self._change_points:
            locomotive_s = self.time_locomotive(point)
            for before, (gauge, hauler) in enumerate(self.modes):
                for after, (gauge_on, hauler_on) in enumerate(self.modes):
                    if before == after:
                        continue
                    if gauge != gauge_on:
                        time_s = self.time_gauge(point, gauge, gauge_on)
                    elif ANYTHING in {hauler.name, hauler_on.name}:
                        time_s = 0.0
                    else:
                        time_s = locomotive_s
                    weight_km = broken_km if time_s is None else time_s / HOUR_S * CHANGE_KMH
                    if weight_km < inf:
                        yield ModeChange(point, before, after, weight_km)

    @cached_property
    def _change_points(self) -> tuple[int, ...]:
        """Points at which tracks of different kinds meet, or something is declared or stated."""
        network = self.network
        kinds: dict[int, set[object]] = {}
        for step, number in enumerate(network.step_section.tolist()):
            section = network.sections[number]
            owner = self.owners[section.section_id]
            for point in (int(network.step_from[step]), int(network.step_to[step])):
                kind = (section.gauges_mm, section.electrification, owner)
                kinds.setdefault(point, set()).add(kind)
        found = {point for point, of_point in kinds.items() if len(of_point) > 1}
        found |= {network.point_numbers[change.point_id] for change in network.change_points}
        found |= set(self.stated.procedures)
        return tuple(sorted(found))

    def _list_crossings(self, broken_km: float) -> Iterator[Crossing]:
        """Steps over borders and against their direction."""
        network = self.network
        for step, owner in enumerate(network.step_section.tolist()):
            ends = (int(network.step_from[step]), int(network.step_to[step]))
            for is_forward in (True, False):
                wrong = "backward" if is_forward else "forward"
                broken = int(network.sections[owner].direction == wrong)
                time_s: float | None = 0.0
                if self.is_border(*ends):
                    time_s = self.time_border(step, *(ends if is_forward else ends[::-1]))
                    broken += time_s is None
                more_km = (time_s or 0.0) / HOUR_S * CHANGE_KMH
                if broken:
                    more_km = broken_km * broken
                if more_km:
                    yield Crossing(step, is_forward, more_km)

    def is_border(self, point: int, other: int) -> bool:
        """Whether two neighbouring points lie on two sides of a border."""
        names = self.network.point_ids
        here, there = self._countries[names[point]], self._countries[names[other]]
        return here != there or frozenset({point, other}) in self.stated.borders_h

    def get_ends(self, arc: Arc) -> tuple[int, int]:
        """Points of a step in the order in which it is run."""
        ends = (int(self.network.step_from[arc.step]), int(self.network.step_to[arc.step]))
        return ends if arc.is_forward else ends[::-1]

    def get_asked_s(self, point: int) -> float | None:
        """Standstill that is asked for at a point; None = none [s]."""
        minutes = self.asked.stops_min.get(self.network.point_ids[point])
        return None if not minutes else minutes * MINUTE_S

    def find_work_s(self, point: int, need: Need) -> float | None:
        """Shortest likely time of the procedures at a point that serve a need [s]."""
        found = [
            self.stated.work_s[one.procedure_id][1]
            for one in self.stated.procedures.get(point, ())
            if need in one.needs
        ]
        return min(found, default=None)

    def time_gauge(self, point: int, gauge: int, gauge_on: int) -> float | None:
        """Time of a change of gauge at a point; None = it cannot be made there [s]."""
        if self.explain_gauge(point, gauge, gauge_on) is not None:
            return None
        time_s = self.find_work_s(point, Need.GAUGE)
        return self.get_asked_s(point) if time_s is None else time_s

    def time_locomotive(self, point: int) -> float | None:
        """Time of a change of locomotive at a point; None = none is stated [s]."""
        if (time_s := self.find_work_s(point, Need.LOCOMOTIVE)) is not None:
            return time_s
        stay = self.stated.find_stay(point)
        return self.get_asked_s(point) if stay is None else float(stay.stay_s)

    def time_border(self, step: int, point: int, other: int) -> float | None:
        """Time of the controls at a border; None = nothing is stated of them [s]."""
        inner = self.find_inner(point, other)
        if not inner:
            return 0.0
        found = {end: self.find_work_s(end, Need.BORDER) for end in (point, other)}
        if any(time_s is not None for time_s in found.values()):
            return sum(time_s or 0.0 for end, time_s in found.items() if end in inner)
        if hours := self.stated.borders_h.get(frozenset({point, other})):
            return sum(hours) / 2 * HOUR_S
        if any(self.stated.crosses(end, step) for end in inner):
            stays = [self.stated.find_stay(end, step) for end in inner]
            return float(sum(stay.stay_s for stay in stays if stay is not None))
        asked = [self.get_asked_s(end) for end in inner]
        return max((time_s for time_s in asked if time_s is not None), default=None)

    def find_inner(self, *points: int) -> tuple[int, ...]:
        """Of some points, those at which the train neither begins nor ends."""
        ends = {self.network.point_numbers[self.asked.points[place]] for place in (0, -1)}
        return tuple(point for point in points if point not in ends)

    def explain_gauge(self, point: int, gauge: int, gauge_on: int) -> str | None:
        """Why a train cannot change gauge at a point; None = it can."""
        train, network = self.train, self.network
        name = network.describe_point(network.point_ids[point])
        values = frozenset({str(gauge), str(gauge_on)})
        methods = {
            change.method
            for change in network.change_points
            if change.kind == "gauge"
            and change.values == values
            and network.point_numbers[change.point_id] == point
        }
        is_own = not train.gauges_mm or {gauge, gauge_on} <= set(train.gauges_mm)
        if train.gauge_change == "none" or not is_own:
            return f"{train.name} cannot change its gauge"
        if not methods:
            return f"no change of gauge is declared at {name}"
        able = {method for method in methods if method is None or method in TRAIN_CHANGES}
        wanted = train.gauge_change
        if not able or (wanted is not None and not able & {wanted, None}):
            how = " or ".join(sorted(method or "any means" for method in methods))
            own = f", that of the train by {wanted}" if wanted else ", which no train goes through"
            return f"the change at {name} is by {how}{own}"
        if self.find_work_s(point, Need.GAUGE) is None and self.get_asked_s(point) is None:
            return f"no procedure with an exchange of bogies is stated at {name}"
        return None
