"""Why a train has no way: each rule that the way breaks which breaks fewest, and what mends it.

Main function: :func:`list_broken`.
"""

from collections.abc import Iterator, Sequence

from arterial.errors import Fault
from arterial.network.graph import Arc
from arterial.timetable.paths.equipment import DIESEL
from arterial.timetable.paths.route_rules import ANYTHING, RouteRules

__all__ = ["list_broken"]


def list_broken(rules: RouteRules, arcs: Sequence[Arc]) -> Iterator[Fault]:
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
