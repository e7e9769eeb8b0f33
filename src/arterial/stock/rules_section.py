"""Rules between a coach and a section: gauge, loading gauge, axle load, speed."""

from collections.abc import Callable, Mapping
from typing import Final

from arterial.stock.outlines import find_outline
from arterial.stock.verdicts import (
    Finding,
    Row,
    Surroundings,
    Verdict,
    find_unknown,
    read_list,
    read_number,
)

__all__ = ["SECTION_RULES"]

WAY_UNKNOWN: Final = "The way in which the coach changes its gauge is unknown."
"""Said where a change of gauge is declared but the coach does not tell how it is made."""

OUTLINE_MARGIN_MM: Final = 100
"""Excess over an outline up to which a survey may still clear a coach [mm]; an assumption."""


def _check_gauge(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Gauge: common to both, or reached by an exchange at a declared change point of the way."""
    unknown = find_unknown(coach, "gauges_mm", section, "gauges_mm")
    if unknown:
        return unknown
    own, found = read_list(coach, "gauges_mm"), read_list(section, "gauges_mm")
    values = (";".join(own), ";".join(found))
    common = [gauge for gauge in own if gauge in found]
    kept = [gauge for gauge in common if len(own) == 1 or gauge in around.common_gauges]
    if kept:
        return Finding(Verdict.OK, *values, f"Both have {kept[0]} mm.")
    # From here on the coach must change its gauge somewhere on the way.
    places = _list_changes(around, own, found)
    method = coach.get("gauge_change")
    able = [place for place, how in places if how == method]
    if able:
        words = f"The coach runs on {' or '.join(found)} mm, with {method} at {able[0]}."
        return Finding(Verdict.OK, *values, words)
    if method is None and places:
        return Finding(Verdict.UNKNOWN, *values, WAY_UNKNOWN)
    reason = "no change of gauge is declared on its way"
    if places:
        point, how = places[0]
        reason = f"the change at {point} is by {how}, that of the coach by {method}"
    words = f"The coach has {' or '.join(own)} mm, the section {' or '.join(found)} mm; {reason}."
    return Finding(Verdict.BLOCK, *values, words)


def _list_changes(
    around: Surroundings, own: tuple[str, ...], found: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Places on the way that join the gauges of coach and section, each with its method."""
    changes = [
        ({str(change["from_value"]), str(change["to_value"])}, change)
        for change in around.gauge_changes
    ]
    return [
        (str(change["point_id"]), str(change["method"] or "an unstated method"))
        for gauges, change in changes
        if gauges & set(own) and gauges & set(found)
    ]


def _check_loading_gauge(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Loading gauge: the coach's outline inside the section's, both as rectangles.

    Outside by up to 100 mm is a warning, because a survey may still clear it; beyond, it blocks.
    """
    del around
    unknown = find_unknown(coach, "loading_gauge", section, "loading_gauge")
    if unknown:
        return unknown
    names = (str(coach["loading_gauge"]), str(section["loading_gauge"]))
    outlines = [find_outline(name) for name in names]
    own, room = outlines
    if own is None or room is None:
        strange = ", ".join(
            name for name, outline in zip(names, outlines, strict=True) if outline is None
        )
        return Finding(Verdict.UNKNOWN, *names, f"The dimensions of {strange} are unknown.")
    excess_mm = own.exceeds_by_mm(room)
    words = f"{own.size} in {room.size}"
    if excess_mm == 0:
        return Finding(Verdict.OK, *names, f"{words}: inside, both taken as rectangles.")
    verdict = Verdict.WARN if excess_mm <= OUTLINE_MARGIN_MM else Verdict.BLOCK
    return Finding(verdict, *names, f"{words}: outside by up to {excess_mm} mm.")


def _check_axle_load(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Axle load: not above the section's; the mean one where the coach states no highest."""
    del around
    field = "axle_load_t"
    stated = dict(coach)
    derived = ""
    mass, axles = coach.get("mass_high_t") or coach.get("mass_t"), coach.get("axles_count")
    if coach.get(field) is None and mass is not None and axles is not None:
        stated[field] = float(str(mass)) / float(str(axles))
        derived = " (mass over axles)"
    unknown = find_unknown(stated, field, section, "maximum_axle_load_t")
    if unknown:
        return unknown
    own, most = read_number(stated, field), read_number(section, "maximum_axle_load_t")
    values = (f"{own:.1f} t", f"{most:.1f} t")
    if own <= most:
        words = f"{own:.1f} t{derived} is not above {most:.1f} t."
        return Finding(Verdict.OK, *values, words)
    return Finding(Verdict.BLOCK, *values, f"{own:.1f} t{derived} is above {most:.1f} t.")


def _check_speed(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Speed: a coach slower than the section's limit slows its train."""
    del around
    field = "passenger_speed_limit_kmh"
    unknown = find_unknown(coach, "top_speed_kmh", section, field)
    if unknown:
        return unknown
    own, limit = read_number(coach, "top_speed_kmh"), read_number(section, field)
    values = (f"{own:g} km/h", f"{limit:g} km/h")
    if own >= limit:
        return Finding(Verdict.OK, *values, f"{own:g} km/h is enough for {limit:g} km/h.")
    words = f"The coach holds its train to {own:g} km/h where {limit:g} km/h are allowed."
    return Finding(Verdict.WARN, *values, words)


SECTION_RULES: Final[Mapping[str, Callable[[Row, Row, Surroundings], Finding]]] = {
    "gauge": _check_gauge,
    "loading_gauge": _check_loading_gauge,
    "axle_load": _check_axle_load,
    "speed": _check_speed,
}
"""Rules between a coach and a section by attribute."""
