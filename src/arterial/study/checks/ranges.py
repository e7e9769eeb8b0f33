"""Ranges, estimates and validity: low <= best <= high, first day <= last day."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from arterial.errors import Fault
from arterial.study.checks.keys import index_keys
from arterial.study.estimates import EstimateShape
from arterial.study.faults import WARNING, find_near_names
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.schema import Attribute, AttributeType, TableRole, list_tables, load_schema

__all__ = [
    "CHECKS",
    "ORDERED_COLUMNS",
]

_JudgePointer = Callable[[Record, dict[str, Record]], list[Fault]]
"""Faults of a row that points at another table, given the rows of that table by key."""

ORDERED_COLUMNS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("estimates", ("low", "best", "high")),
    ("procedure_steps", ("duration_low_min", "duration_best_min", "duration_high_min")),
    ("lines", ("length_low_km", "length_km", "length_high_km")),
    ("sections", ("ruling_gradient_low_permille", "ruling_gradient_permille")),
    ("vehicle_types", ("mass_low_t", "mass_t", "mass_high_t")),
    ("vehicle_types", ("power_low_kw", "power_kw", "power_high_kw")),
    ("vehicle_types", ("continuous_effort_kn", "starting_effort_kn")),
    ("borders", ("distance_low_km", "distance_km", "distance_high_km")),
    ("borders", ("passenger_dwell_low_h", "passenger_dwell_high_h")),
    ("coach_pools", ("delay_median_low_h", "delay_median_h", "delay_median_high_h")),
    ("published_runs", ("duration_low_h", "duration_h", "duration_high_h")),
    ("calendar_rules", ("valid_from", "valid_to")),
    ("speed_restrictions", ("valid_from", "valid_to")),
    ("speed_restrictions", ("from_offset_m", "to_offset_m")),
    ("assets", ("from_offset_m", "to_offset_m")),
    ("asset_densities", ("age_low_y", "age_y", "age_high_y")),
    ("failure_records", ("watched_from_y", "low_y", "high_y")),
    ("disturbances", ("delay_low_min", "delay_best_min", "delay_high_min")),
    ("train_flows", ("first_day", "last_day")),
    ("possessions", ("first_day", "last_day")),
    ("published_durations", ("stated_low_min", "stated_duration_min", "stated_high_min")),
    ("reported_works", ("quantity_low", "quantity", "quantity_high")),
    ("reported_works", ("stock_low", "stock", "stock_high")),
    ("reported_works", ("first_day", "last_day")),
    ("works_jobs", ("arrives_on", "due_on")),
)
"""Columns of one row whose known values may not fall from left to right."""

_COUNTRY_LETTERS: Final = 2

WALKING_KMH: Final = 5.0
"""Below this a restriction is doubted; trains pass works at 5 km/h, an assumption [km/h]."""


def _check_order(tables: CheckedTables) -> list[Fault]:
    """Find rows whose low, best and high, or first and last, are out of order."""
    faults = []
    for table, columns in ORDERED_COLUMNS:
        for record in tables.records(table):
            known = [(column, record[column]) for column in columns if record[column] is not None]
            for (low_column, low), (high_column, high) in pairwise(known):
                if low > high:
                    cause = f"{low_column} ({low}) is above {high_column} ({high})."
                    faults.append(record.fault(cause, "Exchange or correct them.", high_column))
    return faults


def _check_restrictions(tables: CheckedTables) -> list[Fault]:
    """Find speed restrictions below walking pace: closed line, or a slip of the pen."""
    return [
        record.fault(
            f"{record['speed_limit_kmh']:g} km/h is slower than walking pace.",
            "Correct the speed, or state a possession where the line is closed.",
            "speed_limit_kmh",
            severity=WARNING,
        )
        for record in tables.records("speed_restrictions")
        if record["speed_limit_kmh"] is not None and record["speed_limit_kmh"] < WALKING_KMH
    ]


def _check_countries(tables: CheckedTables) -> list[Fault]:
    """Find country codes that are not two capital letters."""
    faults = []
    for table in list_tables(TableRole.INPUT):
        if "country" not in load_schema(table).columns:
            continue
        for record in tables.records(table):
            code = record["country"]
            if code is not None and not _is_country_code(code):
                cure = "Use the two capital letters of ISO 3166-1: RU."
                faults.append(record.fault(f"{code[:20]!r} is no country code.", cure, "country"))
    return faults


def _check_self_reference(tables: CheckedTables) -> list[Fault]:
    """Find rows that refer to themselves: a source that repeats itself, a route's own variant."""
    faults = []
    for table in list_tables(TableRole.INPUT):
        schema = load_schema(table)
        for attribute in schema.attributes:
            reference = attribute.reference
            if reference is None or reference.table != table or attribute.is_key:
                continue
            for record in tables.records(table):
                value = record[attribute.name]
                if value is not None and value == record[reference.attribute]:
                    cause = "The row refers to itself."
                    cure = "Name another row, or leave the cell empty."
                    faults.append(record.fault(cause, cure, attribute.name))
    return faults


def _check_estimates(tables: CheckedTables) -> list[Fault]:
    """Find estimates of a table, column or row that does not exist, or that miss the value."""
    return _check_pointers(tables, "estimates", ("table", "key", "attribute"), _check_estimate)


def _check_origins(tables: CheckedTables) -> list[Fault]:
    """Find origins of a table or row that does not exist."""
    return _check_pointers(tables, "origins", ("table", "key"), _check_origin)


def _check_pointers(
    tables: CheckedTables, name: str, needed: Sequence[str], judge: _JudgePointer
) -> list[Fault]:
    """Faults of rows that point at a row of any other table by its name and key."""
    faults = []
    inputs = list_tables(TableRole.INPUT)
    keys: dict[str, dict[str, Record]] = {}
    for record in tables.records(name):
        if any(record[column] is None for column in needed):
            continue
        if record["table"] not in inputs:
            faults.append(_unknown(record, "table", inputs, "There is no such input table."))
            continue
        if record["table"] in tables.unreadable:
            continue
        if record["table"] not in keys:
            keys[record["table"]] = index_keys(tables, record["table"])
        faults.extend(judge(record, keys[record["table"]]))
    return faults


def _check_origin(record: Record, rows: dict[str, Record]) -> list[Fault]:
    if record["key"] in rows:
        return []
    return [_unknown(record, "key", tuple(rows), f"{record['table']} has no row of this key.")]


def _check_estimate(record: Record, rows: dict[str, Record]) -> list[Fault]:
    schema = load_schema(record["table"])
    if record["attribute"] not in schema.columns:
        cause = f"The table {schema.name} has no such column."
        return [_unknown(record, "attribute", schema.columns, cause)]
    kind = schema.attribute(record["attribute"]).type
    if kind not in {AttributeType.INTEGER, AttributeType.NUMBER}:
        cause = f"The column {record['attribute']} holds no numbers, so it has no range."
        return [record.fault(cause, "Estimate a column of numbers.", "attribute")]
    target = rows.get(record["key"])
    if target is None:
        return [_unknown(record, "key", tuple(rows), f"{schema.name} has no row of this key.")]
    low, high, value = record["low"], record["high"], target[record["attribute"]]
    if record["shape"] == EstimateShape.LOGNORMAL and low is not None and low <= 0:
        cause = "A lognormal range must lie above zero."
        return [record.fault(cause, "Raise low, or use another shape.", "low")]
    if None not in {low, high, value} and not low <= value <= high:
        cause = f"{schema.name} has {value:g}, outside the range {low:g} to {high:g}."
        cure = "Correct the value or its range."
        return [record.fault(cause, cure, "best", severity=WARNING)]
    return _check_bounds(record, schema.attribute(record["attribute"]))


def _check_bounds(record: Record, attribute: Attribute) -> list[Fault]:
    """Ends of a range that the column itself could not hold."""
    faults = []
    least, most = attribute.minimum, attribute.maximum
    # There may be none of what is counted: a job that is doubted has a least number of 0.
    if attribute.type is AttributeType.INTEGER and least is not None:
        least = min(least, 0.0)
    for column in ("low", "best", "high"):
        value = record[column]
        below = least is not None and value is not None and value < least
        above = most is not None and value is not None and value > most
        if below or above:
            bound = least if below else most
            cause = (
                f"{value:g} is too {'low' if below else 'high'} for {attribute.name}, which is at "
                f"{'least' if below else 'most'} {bound:g}."
            )
            faults.append(record.fault(cause, "Correct it or its unit.", column))
    return faults


def _unknown(record: Record, column: str, known: Sequence[str], cause: str) -> Fault:
    fault = record.fault(cause, "Correct it.", column)
    near = find_near_names(record[column], known)
    return Fault(fault.cause, fault.cure, fault.file, fault.row, fault.column, near)


def _is_country_code(code: str) -> bool:
    return len(code) == _COUNTRY_LETTERS and code.isascii() and code.isalpha() and code.isupper()


CHECKS: Final[tuple[Check, ...]] = (
    _check_countries,
    _check_order,
    _check_restrictions,
    _check_self_reference,
    _check_estimates,
    _check_origins,
)
"""Checks of this file, in the order in which their faults are told."""
