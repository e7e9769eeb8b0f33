"""The way of a train that is asked for: gauge, traction and borders honoured, or why there is none.

Main function: :func:`find_equipped_route`. Where there is no way, the one is taken that breaks
fewest of the rules, and each of them is named with what mends it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import polars as pl

from arterial.errors import Fault, InfeasibleError
from arterial.network import Network, Route
from arterial.network.graph import Arc, build_search_graph, find_paths
from arterial.network.route import make_route
from arterial.timetable.paths.equipment import DIESEL
from arterial.timetable.paths.route_rules import ANYTHING, RouteRequest, RouteRules
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
    raise InfeasibleError(message, dict.fromkeys(_list_broken(rules, paths[0])))


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


def _list_broken(rules: RouteRules, arcs: Sequence[Arc]) -> Iterator[Fault]:
    """What a way breaks, in its order.

    Parameters
    ----------
    rules : RouteRules
        The rules, as the way was sought with.
    arcs : sequence of Arc
        The way.

    Yields
    ------
    Fault
        The point, section or attribute that binds, and the smallest change that would do.
    """
    last: Arc | None = None
    for place, arc in enumerate(arcs):
        if last is not None and arc.mode != last.mode:
            yield from _explain_change(rules, last, arc)
        yield from _explain_step(rules, arc, is_begin=place == 0)
        last = arc


def _explain_change(rules: RouteRules, before: Arc, after: Arc) -> Iterator[Fault]:
    """What bars a change between two steps."""
    network, point = rules.network, rules.get_ends(after)[0]
    point_id = network.point_ids[point]
    name = network.describe_point(point_id)
    (gauge, hauler), (gauge_on, hauler_on) = rules.modes[before.mode], rules.modes[after.mode]
    owner = network.sections[int(network.step_section[before.step])]
    section = network.sections[int(network.step_section[after.step])]
    if gauge != gauge_on:
        if reason := rules.explain_gauge(point, gauge, gauge_on):
            yield Fault(
                f"At {name} the gauge changes from {gauge} to {gauge_on} mm before section "
                f"{section.section_id}, and {reason}.",
                _cure_gauge(reason, point_id),
            )
        return
    if ANYTHING in {hauler.name, hauler_on.name} or rules.time_locomotive(point) is not None:
        return
    systems = f"{_name_system(owner.electrification)} to {_name_system(section.electrification)}"
    yield Fault(
        f"At {name} the contact line changes from {systems} before section {section.section_id}, "
        f"{hauler.words} cannot go on, and no procedure with a change of locomotive is stated.",
        "State one for a coach leg, or how long a train stands there; or give the stop its "
        f"minutes ({point_id}:20), or the train its own traction (--systems).",
    )


def _explain_step(rules: RouteRules, arc: Arc, *, is_begin: bool) -> Iterator[Fault]:
    """What bars a step."""
    network, train = rules.network, rules.train
    number = int(network.step_section[arc.step])
    section, (gauge, hauler) = network.sections[number], rules.modes[arc.mode]
    name = section.section_id
    if is_begin and train.gauges_mm and gauge not in train.gauges_mm:
        own = " or ".join(str(one) for one in train.gauges_mm)
        found = " and ".join(str(one) for one in section.gauges_mm)
        yield Fault(
            f"Section {name} has {found} mm, and {train.name} runs on {own} mm only.",
            "Take vehicles of that gauge (--gauge), or begin where theirs is.",
        )
    if hauler.name == ANYTHING:
        yield _explain_traction(rules, number, gauge)
    for misfit in rules.misfits[number]:
        yield Fault(f"Section {name}: {misfit}", "Take other vehicles, or another way.")
    if not section.is_open:
        yield Fault(f"Section {name} is closed.", "Open it (is_open in sections).")
    if section.direction == ("backward" if arc.is_forward else "forward"):
        yield Fault(f"Section {name} is run {section.direction} only.", "Correct its direction.")
    ends = rules.get_ends(arc)
    if rules.is_border(*ends) and rules.time_border(arc.step, *ends) is None:
        names = [network.describe_point(network.point_ids[point]) for point in ends]
        inner = network.point_ids[rules.find_inner(*ends)[0]]
        yield Fault(
            f"Section {name} crosses the border between {' and '.join(names)}, and no border "
            "procedure is stated at either.",
            "State one for a coach leg, or the stay of passengers in borders; or give the stop its "
            f"minutes ({inner}:60).",
        )


def _explain_traction(rules: RouteRules, number: int, gauge: int) -> Fault:
    """Why nothing hauls a train over a section."""
    section, train = rules.network.sections[number], rules.train
    system = _name_system(section.electrification)
    if train.systems:
        return Fault(
            f"Section {section.section_id} has {system}, and the train runs only under "
            f"{' or '.join(train.systems)}.",
            "Give it that system too, or a diesel (--systems none).",
        )
    owner = rules.owners[section.section_id]
    return Fault(
        f"No locomotive that is assigned to {train.category} trains of railway {owner} can run "
        f"over section {section.section_id} ({system}) on {gauge} mm.",
        "Add one to traction_assignments, or give the train its own traction (--systems).",
    )


def _name_system(system: str | None) -> str:
    """A contact line in words."""
    if system is None:
        return "an unknown contact line"
    return "no contact line" if system == DIESEL else system


def _cure_gauge(reason: str, point_id: str) -> str:
    """What would let a train change gauge."""
    if "cannot change" in reason:
        return (
            "Take vehicles for both gauges that can change (--gauge, --gauge-change), or end the "
            f"train at {point_id}."
        )
    if reason.startswith("no procedure"):
        return (
            "State one for a coach leg that leaves it, or give the stop its minutes "
            f"({point_id}:120)."
        )
    return (
        "Declare one in change_points with its method, and its procedure; or end the train at "
        f"{point_id}."
    )
