"""Rows of the study that describe a works, checked; main function `read_works`.

Every fault of the tables is collected and raised once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study import split_list
from arterial.study.faults import find_near_names
from arterial.workshop.overhaul.axis import Shift

__all__ = ["Job", "Operation", "Resource", "WorksRows", "read_works"]

NO_PREDECESSOR: Final = "0"
DEFAULT_HOURS: Final = 8.0

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """Bays, cranes, machines or workers of a trade."""

    resource_id: str
    kind: str
    capacity: int
    shift: Shift


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of an overhaul; `after` are sequence numbers."""

    sequence: int
    name: str
    after: tuple[int, ...]
    duration_h: float
    bays: tuple[str, ...]
    needs: tuple[tuple[str, int], ...]
    part: str | None
    quantity: float


@dataclass(frozen=True, slots=True)
class Job:
    """Vehicles of a class that come one after another."""

    job_id: str
    class_id: str
    vehicles: int
    arrives_on: date
    spacing_d: int
    due_on: date | None
    weight: float
    coach_pool_id: str | None = None


@dataclass(frozen=True, slots=True)
class WorksRows:
    """A works as checked records.

    Parameters
    ----------
    resources : mapping
        By id.
    operations : mapping
        Of each class, in sequence.
    vehicle_kinds, vehicle_types : mapping
        Kind of vehicle of each class, and its type where it is stated.
    new_classes : frozenset of str
        Classes in which a vehicle is built anew.
    jobs : tuple of Job
        In the order of the table.
    rests : frozenset of date
        Days off.
    stocks : mapping
        Stock and monthly supply of each part that is used.
    supplies : mapping
        Supply of a part in a month, where stated.
    """

    resources: Mapping[str, Resource]
    operations: Mapping[str, tuple[Operation, ...]]
    vehicle_kinds: Mapping[str, str]
    vehicle_types: Mapping[str, str | None]
    new_classes: frozenset[str]
    jobs: tuple[Job, ...]
    rests: frozenset[date]
    stocks: Mapping[str, tuple[float, float]]
    supplies: Mapping[tuple[str, date], float]


def read_works(tables: Mapping[str, pl.DataFrame]) -> WorksRows:
    """Read and check the tables of a works.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``works_resources``, ``works_holidays``, ``overhaul_classes``, ``overhaul_operations``,
        ``works_jobs``, ``materials``, ``material_supplies``.

    Returns
    -------
    WorksRows
        The records.

    Raises
    ------
    StudyError
        With every fault: unknown names, circles of operations, resources that are too few.
    """
    resources = {
        row["resource_id"]: Resource(
            row["resource_id"],
            row["kind"],
            int(row["capacity"]),
            Shift(split_list(row["weekdays"]), _or(row["hours_per_day"], DEFAULT_HOURS)),
        )
        for row in tables["works_resources"].iter_rows(named=True)
    }
    faults: list[Fault] = []
    operations: dict[str, list[Operation]] = {}
    rows = tables["overhaul_operations"].with_row_index("line", offset=2)
    before: dict[str, int] = {}
    for row in rows.sort("class_id", "sequence").iter_rows(named=True):
        previous = before.get(row["class_id"])
        before[row["class_id"]] = row["sequence"]
        faults += _judge_operation(row, resources, tables["materials"])
        operations.setdefault(row["class_id"], []).append(_read_operation(row, previous, faults))
    for class_id, steps in operations.items():
        faults += _judge_order(class_id, steps)
    jobs = tuple(_read_job(row) for row in tables["works_jobs"].iter_rows(named=True))
    for line, job in enumerate(jobs, start=2):
        if job.class_id not in operations:
            near = tuple(find_near_names(job.class_id, operations))
            cause = f"Class {job.class_id} of job {job.job_id} has no operations."
            fault = Fault(cause, "List them.", "tables/works_jobs.csv", line, "class_id", near)
            faults.append(fault)
    classes = tables["overhaul_classes"]
    if faults:
        message = "The works cannot be scheduled as it is described."
        raise StudyError(message, faults)
    return WorksRows(
        resources=resources,
        operations={class_id: tuple(steps) for class_id, steps in operations.items()},
        vehicle_kinds=dict(classes.select("class_id", "vehicle_kind").iter_rows()),
        vehicle_types=dict(classes.select("class_id", "vehicle_type_id").iter_rows()),
        new_classes=frozenset(classes.filter(pl.col("is_new_building"))["class_id"]),
        jobs=jobs,
        rests=frozenset(tables["works_holidays"]["day"].drop_nulls().to_list()),
        stocks={
            row["material_id"]: (float(row["stock"] or 0), float(row["supply_per_month"] or 0))
            for row in tables["materials"].iter_rows(named=True)
        },
        supplies={
            (row["material_id"], row["month"].replace(day=1)): float(row["supply"])
            for row in tables["material_supplies"].iter_rows(named=True)
        },
    )


def _or(value: Any, default: Any) -> Any:  # noqa: ANN401 cells of any type
    """A cell, or the default of its column where it is empty."""
    return default if value is None else value


def _read_operation(row: Row, previous: int | None, faults: list[Fault]) -> Operation:
    """One row of ``overhaul_operations``."""
    words = split_list(row["after"])
    if not all(word.isdigit() for word in words):
        cause = f"{row['after']!r} are no operations."
        cure = "Give sequence numbers separated by semicolons; 0 for none."
        faults.append(_fault(row, "after", cause, cure))
        words = ()
    if words:
        after = tuple(int(word) for word in words if word != NO_PREDECESSOR)
    else:
        after = () if previous is None else (previous,)
    workers = int(_or(row["workers_count"], 1))
    needs = [(row["trade_id"], workers)] if row["trade_id"] and workers else []
    needs += [(row["crane_id"], 1)] if row["crane_id"] else []
    return Operation(
        sequence=row["sequence"],
        name=row["name"],
        after=after,
        duration_h=float(row["duration_h"]),
        bays=split_list(row["bay_ids"]),
        needs=tuple(needs),
        part=row["material_id"],
        quantity=float(_or(row["quantity"], 0.0)),
    )


def _read_job(row: Row) -> Job:
    """One row of ``works_jobs``."""
    return Job(
        job_id=row["job_id"],
        class_id=row["class_id"],
        vehicles=int(_or(row["vehicles_count"], 1)),
        arrives_on=row["arrives_on"],
        spacing_d=int(_or(row["spacing_d"], 0)),
        due_on=row["due_on"],
        weight=float(_or(row["weight"], 1.0)),
        coach_pool_id=row["coach_pool_id"],
    )


def _fault(row: Row, column: str, cause: str, cure: str, near: tuple[str, ...] = ()) -> Fault:
    """A fault in a row of ``overhaul_operations``."""
    return Fault(cause, cure, "tables/overhaul_operations.csv", row["line"], column, near)


def _judge_operation(
    row: Row, resources: Mapping[str, Resource], materials: pl.DataFrame
) -> Iterator[Fault]:
    """Names that do not exist, and more units than there are."""
    wanted = [("bay_ids", bay, 1) for bay in split_list(row["bay_ids"])]
    wanted += [("trade_id", row["trade_id"], int(_or(row["workers_count"], 1)))]
    wanted += [("crane_id", row["crane_id"], 1)]
    for column, name, amount in wanted:
        if name is None or not amount:
            continue
        if name not in resources:
            near = tuple(find_near_names(name, resources))
            cure = "Name one of works_resources."
            yield _fault(row, column, f"There is no resource {name}.", cure, near)
        elif resources[name].capacity < amount:
            cause = f"It needs {amount} of {name}, there are {resources[name].capacity}."
            yield _fault(row, column, cause, "Lower the need or raise the capacity.")
    if row["material_id"] and row["material_id"] not in materials["material_id"].to_list():
        near = tuple(find_near_names(row["material_id"], materials["material_id"].to_list()))
        cause = f"There is no material {row['material_id']}."
        yield _fault(row, "material_id", cause, "Name one of materials.", near)


def _judge_order(class_id: str, steps: list[Operation]) -> Iterator[Fault]:
    """Operations that come after one there is not, or after each other."""
    file = "tables/overhaul_operations.csv"
    known = {step.sequence for step in steps}
    for step in steps:
        for other in sorted(set(step.after) - known):
            cause = f"Operation {step.sequence} of {class_id} comes after {other}, which is not."
            yield Fault(cause, "Name an operation of the class.", file, None, "after")
    done: set[int] = set()
    while fit := [s for s in steps if s.sequence not in done and set(s.after) & known <= done]:
        done |= {step.sequence for step in fit}
    if done != known:
        circle = ", ".join(str(number) for number in sorted(known - done))
        cause = f"Operations {circle} of {class_id} wait for each other."
        yield Fault(cause, "Remove one from `after`.", file, None, "after")
