"""Rules of compatibility between a coach and a section, and between a coach and its host train.

Main tables: :data:`SECTION_RULES` (gauge, loading gauge, axle load, speed) and :data:`TRAIN_RULES`
(coupler, brake, heating, speed).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arterial.stock.outlines import find_outline
from arterial.study import split_list

__all__ = [
    "SECTION_RULES",
    "TRAIN_RULES",
    "Finding",
    "Row",
    "Surroundings",
    "Verdict",
    "read_list",
]

WAY_UNKNOWN: Final = "The way in which the coach changes its gauge is unknown."
"""Said where a change of gauge is declared but the coach does not tell how it is made."""

OUTLINE_MARGIN_MM: Final = 100
"""Excess over an outline up to which a survey may still clear a coach [mm]; an assumption."""

Row = dict[str, object]


class Verdict(StrEnum):
    """What a comparison comes to."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one comparison.

    Parameters
    ----------
    verdict : Verdict
        What it comes to.
    coach_value, other_value : str or None
        What was compared; None = unknown.
    explanation : str
        Why, in words.
    """

    verdict: Verdict
    coach_value: str | None
    other_value: str | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule may look at besides the coach and its subject.

    Parameters
    ----------
    gauge_changes : tuple of dict
        Rows of ``change_points`` of kind gauge at points on the coach's way.
    common_gauges : frozenset of str
        Gauges that every section of the way has [mm].
    """

    gauge_changes: tuple[Row, ...]
    common_gauges: frozenset[str]


def _check_gauge(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Gauge: common to both, or reached by an exchange at a declared change point of the way."""
    unknown = _find_unknown(coach, "gauges_mm", section, "gauges_mm")
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


def _check_loading_gauge(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Loading gauge: the coach's outline inside the section's, both as rectangles.

    Outside by up to 100 mm is a warning, because a survey may still clear it; beyond, it blocks.
    """
    del around
    unknown = _find_unknown(coach, "loading_gauge", section, "loading_gauge")
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
    unknown = _find_unknown(stated, field, section, "maximum_axle_load_t")
    if unknown:
        return unknown
    own, most = _read_number(stated, field), _read_number(section, "maximum_axle_load_t")
    values = (f"{own:.1f} t", f"{most:.1f} t")
    if own <= most:
        words = f"{own:.1f} t{derived} is not above {most:.1f} t."
        return Finding(Verdict.OK, *values, words)
    return Finding(Verdict.BLOCK, *values, f"{own:.1f} t{derived} is above {most:.1f} t.")


def _check_section_speed(coach: Row, section: Row, around: Surroundings) -> Finding:
    """Speed: a coach slower than the section's limit slows its train."""
    del around
    field = "passenger_speed_limit_kmh"
    unknown = _find_unknown(coach, "top_speed_kmh", section, field)
    if unknown:
        return unknown
    own, limit = _read_number(coach, "top_speed_kmh"), _read_number(section, field)
    values = (f"{own:g} km/h", f"{limit:g} km/h")
    if own >= limit:
        return Finding(Verdict.OK, *values, f"{own:g} km/h is enough for {limit:g} km/h.")
    words = f"The coach holds its train to {own:g} km/h where {limit:g} km/h are allowed."
    return Finding(Verdict.WARN, *values, words)


SECTION_RULES: Final[Mapping[str, Callable[[Row, Row, Surroundings], Finding]]] = {
    "gauge": _check_gauge,
    "loading_gauge": _check_loading_gauge,
    "axle_load": _check_axle_load,
    "speed": _check_section_speed,
}
"""Rules between a coach and a section by attribute."""

BRAKE_TOLERANCE_BAR: Final = 0.2
"""Difference of brake pipe pressures that is within the setting of the valves [bar]."""

OWN_HEATING: Final = ("coal", "own_boiler")
"""Heating that needs nothing from the train."""


def _check_coupler(coach: Row, train: Row, around: Surroundings) -> Finding:
    """Coupler: one type in common, or an entry ``adapter…`` listed by one of the two."""
    del around
    unknown = _find_unknown(coach, "couplers", train, "couplers")
    if unknown:
        return unknown
    own, found = read_list(coach, "couplers"), read_list(train, "couplers")
    values = (";".join(own), ";".join(found))
    common = [coupler for coupler in own if coupler in found]
    if common:
        return Finding(Verdict.OK, *values, f"Both have {common[0]}.")
    adapters = [coupler for coupler in (*own, *found) if coupler.startswith("adapter")]
    if adapters:
        words = f"No coupler in common; {adapters[0]} is listed."
        return Finding(Verdict.WARN, *values, words)
    return Finding(Verdict.BLOCK, *values, "No coupler in common and no adapter listed.")


def _check_brake(coach: Row, train: Row, around: Surroundings) -> Finding:
    """Brake: pipe pressures within 0.2 bar of each other."""
    del around
    field = "brake_pipe_bar"
    unknown = _find_unknown(coach, field, train, field)
    if unknown:
        return unknown
    own, found = _read_number(coach, field), _read_number(train, field)
    values = (f"{own:g} bar", f"{found:g} bar")
    difference = abs(own - found)
    if difference <= BRAKE_TOLERANCE_BAR + 1e-9:
        return Finding(Verdict.OK, *values, f"The pressures differ by {difference:.1f} bar.")
    words = f"The pressures differ by {difference:.1f} bar; the brake must be adjusted and tested."
    return Finding(Verdict.WARN, *values, words)


def _check_heating(coach: Row, train: Row, around: Surroundings) -> Finding:
    """Heating: one system in common, or a coach that heats itself with coal or its own boiler."""
    del around
    own = read_list(coach, "heating")
    values = (";".join(own) or None, ";".join(read_list(train, "heating")) or None)
    alone = [heating for heating in own if heating in OWN_HEATING]
    if alone:
        return Finding(Verdict.OK, *values, f"The coach heats itself by {alone[0]}.")
    unknown = _find_unknown(coach, "heating", train, "heating")
    if unknown:
        return unknown
    common = [heating for heating in own if heating in read_list(train, "heating")]
    if common:
        return Finding(Verdict.OK, *values, f"Both have {common[0]}.")
    return Finding(Verdict.WARN, *values, "No heating in common; the coach would be cold.")


def _check_train_speed(coach: Row, train: Row, around: Surroundings) -> Finding:
    """Speed: a coach slower than its host's path slows the train."""
    del around
    field = "top_speed_kmh"
    unknown = _find_unknown(coach, field, train, field)
    if unknown:
        return unknown
    own, path = _read_number(coach, field), _read_number(train, field)
    values = (f"{own:g} km/h", f"{path:g} km/h")
    if own >= path:
        return Finding(Verdict.OK, *values, f"{own:g} km/h is enough for {path:g} km/h.")
    words = f"The coach's {own:g} km/h is below the {path:g} km/h of the train's path."
    return Finding(Verdict.WARN, *values, words)


TRAIN_RULES: Final[Mapping[str, Callable[[Row, Row, Surroundings], Finding]]] = {
    "coupler": _check_coupler,
    "brake": _check_brake,
    "heating": _check_heating,
    "speed": _check_train_speed,
}
"""Rules between a coach and a train by attribute."""

FIELD_WORDS: Final[Mapping[str, str]] = {
    "gauges_mm": "gauge",
    "loading_gauge": "loading gauge",
    "axle_load_t": "axle load",
    "maximum_axle_load_t": "axle load that is allowed",
    "top_speed_kmh": "top speed",
    "passenger_speed_limit_kmh": "speed limit",
    "couplers": "coupler",
    "brake_pipe_bar": "brake pipe pressure",
    "heating": "heating",
}
"""Words for the columns that are compared."""


def _find_unknown(coach: Row, coach_field: str, other: Row, other_field: str) -> Finding | None:
    """Finding that names the fields that are unknown; None when both are known."""
    coach_value, other_value = coach.get(coach_field), other.get(other_field)
    bearers = {
        "coach": coach_field if coach_value is None else None,
        "train" if "train_id" in other else "section": other_field if other_value is None else None,
    }
    missing = {bearer: FIELD_WORDS[field] for bearer, field in bearers.items() if field}
    if not missing:
        return None
    return Finding(
        Verdict.UNKNOWN,
        None if coach_value is None else str(coach_value),
        None if other_value is None else str(other_value),
        _write_missing(missing),
    )


def read_list(row: Row, field: str) -> tuple[str, ...]:
    """Items of a list cell."""
    value = row.get(field)
    return split_list(None if value is None else str(value))


def _read_number(row: Row, field: str) -> float:
    """Number in a cell that is known."""
    return float(str(row[field]))


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


def _write_missing(missing: Mapping[str, str]) -> str:
    """What is unknown of whom, in one sentence."""
    words = list(dict.fromkeys(missing.values()))
    bearers = [f"the {bearer}" for bearer in missing]
    if len(words) == 1:
        return f"The {words[0]} of {' and of '.join(bearers)} is unknown."
    parts = [f"the {word} of {bearer}" for word, bearer in zip(words, bearers, strict=True)]
    return f"T{' and '.join(parts)[1:]} are unknown."
