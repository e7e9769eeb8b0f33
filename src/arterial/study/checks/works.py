"""Works of locomotives, coaches and wagons: every operation can be done with what there is.

`CHECKS` lists them.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final

from arterial.errors import Fault
from arterial.study.faults import ERROR, WARNING, find_near_names, shorten_text
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.tables import split_list

__all__ = ["CHECKS"]

_NONE: Final = "0"
_PLACES: Final = frozenset({"bay", "machine"})
_NO_COACHES: Final = frozenset({"locomotive", "wagon"})


def _check_works_resources(tables: CheckedTables) -> list[Fault]:
    """Find bays, cranes and trades of which there are none."""
    cause = "There are none of them, so no operation that needs them can be done."
    cure = "Give how many there are, or remove the row."
    return [
        record.fault(cause, cure, "capacity", severity=WARNING)
        for record in tables.records("works_resources")
        if record["capacity"] == 0
    ]


def _check_overhaul_operations(tables: CheckedTables) -> list[Fault]:
    """Find classes without operations, and operations that can never begin or be manned."""
    operations = tables.group("overhaul_operations", "class_id", "sequence")
    resources = tables.index("works_resources", "resource_id")
    wanted = {record["class_id"] for record in tables.records("works_jobs")}
    cause = "The class has no operations, so no job of it can be scheduled."
    cure = "Give its steps in overhaul_operations."
    faults = [
        record.fault(cause, cure, severity=ERROR if record["class_id"] in wanted else WARNING)
        for record in tables.records("overhaul_classes")
        if record["class_id"] is not None and record["class_id"] not in operations
    ]
    for records in operations.values():
        faults.extend(_check_order(records))
        for record in records:
            if "works_resources" not in tables.unreadable:
                faults.extend(_check_places(record, resources))
            faults.extend(_check_hands(record, resources))
            faults.extend(_check_parts(record))
    return faults


def _check_works_jobs(tables: CheckedTables) -> list[Fault]:
    """Find jobs whose last vehicle comes after it is wanted back, or that hold no pool's coach."""
    faults: list[Fault] = []
    classes = tables.index("overhaul_classes", "class_id")
    pools = tables.index("coach_pools", "pool_id")
    for record in tables.records("works_jobs"):
        pool, kind = pools.get(record["coach_pool_id"]), classes.get(record["class_id"])
        if pool is not None and kind is not None:
            faults.extend(_check_pool(record, pool, kind))
        first, due = record["arrives_on"], record["due_on"]
        if first is None or due is None or due < first:
            continue
        count = 1 if record["vehicles_count"] is None else record["vehicles_count"]
        days = (count - 1) * (record["spacing_d"] or 0)
        if days > (due - first).days:
            last = first + dt.timedelta(days=min(days, (dt.date.max - first).days))
            cause = f"The last of {count} vehicles arrives on {last}, after it is due on {due}."
            cure = "Correct the number, their spacing or the day."
            faults.append(record.fault(cause, cure, "due_on", severity=WARNING))
    return faults


def _check_pool(record: Record, pool: Record, kind: Record) -> Iterator[Fault]:
    """The vehicles of a job that names a pool are coaches of its sets, missed meanwhile."""
    name, column = record["coach_pool_id"], "coach_pool_id"
    if kind["vehicle_kind"] in _NO_COACHES:
        cause = f"Class {kind['class_id']} is for a {kind['vehicle_kind']}; {name} is a coach pool."
        yield record.fault(cause, "Leave the cell empty, or correct the class.", column)
    elif kind["is_new_building"]:
        cause = f"A vehicle that is built anew is missing from no pool; {name} is passed over."
        cure = "Leave the cell empty."
        yield record.fault(cause, cure, column, severity=WARNING)
    types = {kind["vehicle_type_id"], pool["vehicle_type_id"]} - {None}
    if len(types) > 1:
        cause = f"Class and pool are of different types: {' and '.join(sorted(types))}."
        yield record.fault(cause, "Correct one of them.", column, severity=WARNING)
    if pool["coaches_per_set"] is None:
        cause = f"How many coaches a set of {name} has is not stated: each counts as a whole set."
        cure = "Give coaches_per_set of the pool."
        yield record.fault(cause, cure, column, severity=WARNING)


def _check_order(records: Sequence[Record]) -> list[Fault]:
    """Operations wait for known ones, and never in a ring."""
    rows = {str(record["sequence"]): record for record in records}
    waits: dict[str, set[str]] = {}
    before: str | None = None
    faults = []
    for number, record in rows.items():
        items = split_list(record["after"])
        waits[number] = {before} if not items and before is not None else set()
        before = number
        for item in items:
            if item == _NONE:
                if len(items) > 1:
                    cause = "0 says that the operation waits for none, yet others are named."
                    cure = "Write 0 alone, or only the others."
                    faults.append(record.fault(cause, cure, "after"))
            elif item == number or item not in rows:
                cause = f"{shorten_text(item)!r} is no other operation of this class."
                cure = f"Name some of {shorten_text(', '.join(rows))}, or 0 for none."
                faults.append(record.fault(cause, cure, "after"))
            else:
                waits[number].add(item)
    return [*faults, *_find_ring(waits, rows)]


def _find_ring(waits: Mapping[str, set[str]], rows: Mapping[str, Record]) -> Iterator[Fault]:
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        ring = error.args[1]
        cause = f"These operations wait for each other: {' - '.join(ring)}."
        cure = "Let one of them wait for none of the others."
        yield rows[ring[0]].fault(cause, cure, "after")


def _check_places(record: Record, resources: Mapping[str, Record]) -> Iterator[Fault]:
    """An operation takes one of its bays; each must be one."""
    for item in split_list(record["bay_ids"]):
        resource = resources.get(item)
        if resource is None:
            near = find_near_names(item, tuple(resources))
            cause = f"{shorten_text(item)!r} is not in works_resources."
            fault = record.fault(cause, "Correct it, or add the row.", "bay_ids")
            yield Fault(fault.cause, fault.cure, fault.file, fault.row, fault.column, near)
        elif resource["kind"] not in {None, *_PLACES}:
            cause = f"{item} is a {resource['kind']}, not a bay or machine."
            yield record.fault(cause, "Name a bay or machine.", "bay_ids")


def _check_hands(record: Record, resources: Mapping[str, Record]) -> Iterator[Fault]:
    """Trades and cranes are such, and there are enough workers."""
    for column, kind in (("trade_id", "trade"), ("crane_id", "crane")):
        resource = resources.get(record[column])
        if resource is not None and resource["kind"] not in {None, kind}:
            cause = f"{record[column]} is a {resource['kind']}, not a {kind}."
            yield record.fault(cause, f"Name a {kind}, or leave the cell empty.", column)
    trade, workers = resources.get(record["trade_id"]), record["workers_count"]
    if trade is None or workers is None or trade["capacity"] is None:
        return
    # Nobody at all is told once, at the resource.
    if trade["kind"] == "trade" and 0 < trade["capacity"] < workers:
        cause = f"It needs {workers} workers at once; {record['trade_id']} has {trade['capacity']}."
        yield record.fault(cause, "Lower the number, or raise the capacity.", "workers_count")


def _check_parts(record: Record) -> Iterator[Fault]:
    """A part goes with its number."""
    for column, other in (("material_id", "quantity"), ("quantity", "material_id")):
        if record[column] is not None and record[other] is None:
            cause = f"{column} is given, {other} is not."
            cure = "Give both, or none."
            yield record.fault(cause, cure, other, severity=WARNING)


CHECKS: Final[tuple[Check, ...]] = (
    _check_works_resources,
    _check_overhaul_operations,
    _check_works_jobs,
)
"""Checks of this file, in the order in which their faults are told."""
