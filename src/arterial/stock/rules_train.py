"""Rules between a coach and its host train: coupler, brake, heating, speed."""

from collections.abc import Callable, Mapping
from typing import Final

from arterial.stock.verdicts import (
    Finding,
    Row,
    Surroundings,
    Verdict,
    find_unknown,
    read_list,
    read_number,
)

__all__ = ["TRAIN_RULES"]

BRAKE_TOLERANCE_BAR: Final = 0.2
"""Difference of brake pipe pressures that is within the setting of the valves [bar]."""

OWN_HEATING: Final = ("coal", "own_boiler")
"""Heating that needs nothing from the train."""


def _check_coupler(coach: Row, train: Row, around: Surroundings) -> Finding:
    """Coupler: one type in common, or an entry ``adapter…`` listed by one of the two."""
    del around
    unknown = find_unknown(coach, "couplers", train, "couplers")
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
    unknown = find_unknown(coach, field, train, field)
    if unknown:
        return unknown
    own, found = read_number(coach, field), read_number(train, field)
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
    unknown = find_unknown(coach, "heating", train, "heating")
    if unknown:
        return unknown
    common = [heating for heating in own if heating in read_list(train, "heating")]
    if common:
        return Finding(Verdict.OK, *values, f"Both have {common[0]}.")
    return Finding(Verdict.WARN, *values, "No heating in common; the coach would be cold.")


def _check_speed(coach: Row, train: Row, around: Surroundings) -> Finding:
    """Speed: a coach slower than its host's path slows the train."""
    del around
    field = "top_speed_kmh"
    unknown = find_unknown(coach, field, train, field)
    if unknown:
        return unknown
    own, path = read_number(coach, field), read_number(train, field)
    values = (f"{own:g} km/h", f"{path:g} km/h")
    if own >= path:
        return Finding(Verdict.OK, *values, f"{own:g} km/h is enough for {path:g} km/h.")
    words = f"The coach's {own:g} km/h is below the {path:g} km/h of the train's path."
    return Finding(Verdict.WARN, *values, words)


TRAIN_RULES: Final[Mapping[str, Callable[[Row, Row, Surroundings], Finding]]] = {
    "coupler": _check_coupler,
    "brake": _check_brake,
    "heating": _check_heating,
    "speed": _check_speed,
}
"""Rules between a coach and a train by attribute."""
