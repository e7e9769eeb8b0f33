"""Disturbances, waits and announced durations: each row says where it hits and how long.

`CHECKS` lists them.
"""

from collections import defaultdict
from typing import Final

from arterial.errors import Fault
from arterial.study.estimates import EstimateShape
from arterial.study.faults import WARNING
from arterial.study.records import Check, CheckedTables, Record

__all__ = ["CHECKS"]

FASTEST_KMH: Final = 350.0
"""An announced duration that asks for more than this is taken for a slip."""

MOST_PER_KM: Final = 10.0
"""Delays of a train on a kilometre beyond which a rate is taken for a slip [1/km]."""

_AT_A_PLACE: Final = frozenset({"stop", "day"})
"""What a rate may count where the disturbance hits at a point."""


def _check_disturbances(tables: CheckedTables) -> list[Fault]:
    """Find disturbances whose place and rate do not fit, and delays without a distribution."""
    faults = []
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in tables.records("disturbances"):
        faults.extend(_check_place(record))
        if record["per"] == "train_km" and (record["rate"] or 0.0) > MOST_PER_KM:
            cause = f"{record['rate']:g} delays on each kilometre of a train are more than any has."
            cure = f"Give the mean number for one kilometre, up to {MOST_PER_KM:g}."
            faults.append(record.fault(cause, cure, "rate"))
        is_lognormal = record["shape"] == EstimateShape.LOGNORMAL
        if is_lognormal and record["delay_best_min"] is not None and record["delay_best_min"] <= 0:
            cause = "The median of a lognormal delay must lie above zero."
            cure = "Raise delay_best_min, or use another shape."
            faults.append(record.fault(cause, cure, "delay_best_min"))
        if record["storm_group"] is not None:
            groups[record["storm_group"]].append(record)
    for records in groups.values():
        faults.extend(_check_storm_group(records))
    return faults


def _check_host_waits(tables: CheckedTables) -> list[Fault]:
    """Find waits of the host on which the coach begins: there is nothing to wait for."""
    faults = []
    for legs in tables.group("coach_legs", "service_id", "sequence").values():
        if legs[0]["host_wait_min"]:
            cause = "The service begins on this leg, so its host has no coach to wait for."
            cure = "Leave the wait empty; give that of the hosts that take the coach on."
            faults.append(legs[0].fault(cause, cure, "host_wait_min", severity=WARNING))
    return faults


def _check_announced_durations(tables: CheckedTables) -> list[Fault]:
    """Find announced durations that no train could keep."""
    faults = []
    for record in tables.records("coach_services"):
        duration_h, distance_km = record["announced_duration_h"], record["published_distance_km"]
        if duration_h is None:
            continue
        if duration_h <= 0:
            cause = "A journey takes time; the announced duration is 0 h."
            cure = "Give the hours, or leave the cell empty where it is not known."
            faults.append(record.fault(cause, cure, "announced_duration_h"))
        elif distance_km is not None and distance_km / duration_h > FASTEST_KMH:
            cause = f"{distance_km:g} km in {duration_h:g} h would be faster than any train."
            cure = "Correct the duration, which counts hours, or the distance."
            faults.append(record.fault(cause, cure, "announced_duration_h", severity=WARNING))
    return faults


def _check_place(record: Record) -> list[Fault]:
    """A point is hit by stops or days, a section or railway by anything."""
    if record["point_id"] is None or record["per"] in {None, *_AT_A_PLACE}:
        if record["per"] != "stop" or record["section_id"] is None:
            return []
        cause = "A rate for each stop cannot hit on a section."
        cure = "Give a point, or count train_km, train_run or day."
        return [record.fault(cause, cure, "section_id")]
    cause = f"A rate for each {record['per']} cannot hit at a point."
    cure = "Count stop or day there, or give a section instead."
    return [record.fault(cause, cure, "per")]


def _check_storm_group(records: list[Record]) -> list[Fault]:
    """Rows of a group happen on the same days, so each must count days."""
    faults = []
    for record in records:
        if record["per"] not in {None, "day"}:
            cause = f"Rows of the storm group {record['storm_group'][:40]!r} count days."
            cure = "Set per to day, or leave storm_group empty."
            faults.append(record.fault(cause, cure, "storm_group"))
    return faults


CHECKS: Final[tuple[Check, ...]] = (
    _check_disturbances,
    _check_host_waits,
    _check_announced_durations,
)
"""Checks of this file, in the order in which their faults are told."""
