"""The way of a train that is asked for: gauge, traction and borders honoured, or why there is none.

Main function: :func:`find_equipped_route`. Where there is no way, the one is taken that breaks
fewest of the rules, and each of them is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import polars as pl

from arterial.errors import Fault, InfeasibleError
from arterial.network import Network, Route
from arterial.network.graph import Arc, build_search_graph, find_paths
from arterial.network.route import make_route
from arterial.timetable.paths.route_reasons import list_broken
from arterial.timetable.paths.route_rules import RouteRequest, RouteRules
from arterial.timetable.paths.stands import Movement, Need, StatedStands
from arterial.units import HOUR_S

__all__ = ["EquippedRoute", "Stand", "find_equipped_route"]

BROKEN_KM: Final = 1e6
"""Weight of a rule that is broken, where the way is sought that breaks fewest [km]."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A standstill that a change or a border needs.

    Parameters
    ----------
    place : int
        Place on the way.
    needs : tuple of Need
        What for.
    procedure_ids : tuple of str
        Procedures that are worked one after another.
    more_s : tuple of float
        Shortest, likely and longest time beside them [s].
    reasons : tuple of str
        Where its length comes from, in words.
    """

    place: int
    needs: tuple[Need, ...]
    procedure_ids: tuple[str, ...] = ()
    more_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EquippedRoute:
    """The way of a train that is asked for.

    Parameters
    ----------
    route : Route
        The way.
    haulers : tuple of str
        What hauls it over each step, ``(n - 1,)``.
    stands : tuple of Stand
        Standstills that it needs, in order.
    """

    route: Route
    haulers: tuple[str, ...]
    stands: tuple[Stand, ...]


def find_equipped_route(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    stated: StatedStands,
    asked: RouteRequest,
) -> EquippedRoute:
    """Shortest way on which a train can run; a change weighs what it would have run meanwhile.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        ``operational_points``, ``sections``, ``change_points``, ``traction_assignments`` and
        ``vehicle_types``.
    stated : StatedStands
        What is stated of standstills.
    asked : RouteRequest
        What is asked for.

    Returns
    -------
    EquippedRoute
        The way with its standstills.

    Raises
    ------
    InfeasibleError
        If there is none: one fault for each rule that the way breaks which breaks fewest, with the
        section, point or attribute that binds and what would mend it.
    """
    rules = RouteRules(network, tables, stated, asked)
    targets = [network.point_numbers[point] for point in asked.points]
    kept = rules.constrain()
    # Where no mode is left, of a gauge that no section has, a search without modes would find all.
    paths = find_paths(build_search_graph(network, targets, kept), 1) if rules.modes else []
    if paths:
        return _describe(rules, paths[0])
    begin, end = (network.describe_point(asked.points[place]) for place in (0, -1))
    message = f"There is no way from {begin} to {end} for {asked.equipment.name}."
    broken = rules.constrain(broken_km=BROKEN_KM)
    paths = find_paths(build_search_graph(network, targets, broken), 1)
    if not paths:
        fault = Fault(f"No sections join {begin} and {end} at all.", "Add the missing sections.")
        raise InfeasibleError(message, [fault])
    raise InfeasibleError(message, dict.fromkeys(list_broken(rules, paths[0])))


def _describe(rules: RouteRules, arcs: list[Arc]) -> EquippedRoute:
    """The way with what hauls the train and where it stands for what."""
    needs: dict[int, set[Need]] = {}
    stands: dict[int, Stand] = {}
    for place, (before, after) in enumerate(pairwise(arcs), 1):
        if before.mode != after.mode:
            is_gauge = before.gauge_mm != after.gauge_mm
            needs.setdefault(place, set()).add(Need.GAUGE if is_gauge else Need.LOCOMOTIVE)
    for place, arc in enumerate(arcs):
        ends = rules.get_ends(arc)
        if not rules.is_border(*ends):
            continue
        served = [
            at
            for at, point in zip((place, place + 1), ends, strict=True)
            if rules.find_work_s(point, Need.BORDER) is not None
        ]
        for at in served:
            if 0 < at < len(arcs):
                needs.setdefault(at, set()).add(Need.BORDER)
        if not served:
            stands |= _stand_at_border(rules, arcs, place)
    for place, wanted in needs.items():
        found = _stand(rules, arcs, place, frozenset(wanted))
        stands[place] = _join_stands(stands[place], found) if place in stands else found
    return EquippedRoute(
        route=make_route(rules.network, arcs),
        haulers=tuple(rules.modes[arc.mode][1].name for arc in arcs),
        stands=tuple(stands[place] for place in sorted(stands)),
    )


def _stand(rules: RouteRules, arcs: Sequence[Arc], place: int, needs: frozenset[Need]) -> Stand:
    """What serves some needs at a place: procedures, else a stay, else what is asked for."""
    point, before, after = movement = _get_movement(rules, arcs, place)
    stand, left = Stand(place, tuple(sorted(needs))), needs
    while left and (one := rules.stated.find_procedure(movement, left)) is not None:
        left = left - one.needs
        stand = replace(
            stand,
            procedure_ids=(*stand.procedure_ids, one.procedure_id),
            reasons=(*stand.reasons, f"procedure {one.procedure_id}"),
        )
    stay = rules.stated.find_stay(point, before, after)
    if Need.LOCOMOTIVE in left and stay is not None:
        left = left - {Need.LOCOMOTIVE}
        stand = replace(
            stand,
            more_s=(stay.stay_s,) * 3,
            reasons=(*stand.reasons, f"as train {stay.train_id} stands"),
        )
    if left and (asked_s := rules.get_asked_s(point)) is not None:
        low, best, high = (max(one, asked_s) for one in stand.more_s)
        stand = replace(stand, more_s=(low, best, high), reasons=(*stand.reasons, "as asked for"))
    return stand


def _get_movement(rules: RouteRules, arcs: Sequence[Arc], place: int) -> Movement:
    """Point of a place on a way, and the steps before and behind it."""
    return (rules.get_ends(arcs[place])[0], arcs[place - 1].step, arcs[place].step)


def _stand_at_border(rules: RouteRules, arcs: Sequence[Arc], place: int) -> dict[int, Stand]:
    """Stays at a border of which no procedure is stated."""
    ends, step = rules.get_ends(arcs[place]), arcs[place].step
    inner = [at for at in (place + 1, place) if 0 < at < len(arcs)]
    if not inner:
        return {}
    if hours := rules.stated.borders_h.get(frozenset(ends)):
        low, high = (value * HOUR_S for value in hours)
        more_s = (low, (low + high) / 2, high)
        return {inner[0]: Stand(inner[0], (Need.BORDER,), (), more_s, ("table borders",))}
    points = {at: ends[at - place] for at in inner}
    is_crossed = any(rules.stated.crosses(point, step) for point in points.values())
    found = {}
    for at, point in points.items():
        stay, asked_s = rules.stated.find_stay(point, step), rules.get_asked_s(point)
        if is_crossed and stay is not None:
            more_s, reason = (float(stay.stay_s),) * 3, f"as train {stay.train_id} stands"
        elif not is_crossed and asked_s is not None:
            more_s, reason = (asked_s,) * 3, "as asked for"
        else:
            continue
        found[at] = Stand(at, (Need.BORDER,), (), more_s, (reason,))
    return found


def _join_stands(one: Stand, two: Stand) -> Stand:
    """Two standstills at one place, worked one after the other."""
    low, best, high = (a + b for a, b in zip(one.more_s, two.more_s, strict=True))
    return Stand(
        one.place,
        tuple(sorted({*one.needs, *two.needs})),
        (*one.procedure_ids, *two.procedure_ids),
        (low, best, high),
        (*one.reasons, *two.reasons),
    )
