"""Calendars and procedures: the days are named as their pattern wants, the steps can be done."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from arterial.errors import Fault
from arterial.study.faults import WARNING, shorten_text
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.tables import split_list

__all__ = ["CHECKS"]

_WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_LAST_DAY: Final = "last"
_SHORTEST_NAME: Final = 3
_LONGEST_MONTH: Final = 31
_LONGEST_CYCLE_DAYS: Final = 3650
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _check_calendars(tables: CheckedTables) -> list[Fault]:
    """Find calendars without a rule: they would never let anything run."""
    ruled = set(tables.index("calendar_rules", "calendar_id"))
    cause = "The calendar has no rules, so it names no day."
    cure = "Give at least one in calendar_rules."
    return [
        record.fault(cause, cure, severity=WARNING)
        for record in tables.records("calendars")
        if record["calendar_id"] is not None and record["calendar_id"] not in ruled
    ]


def _check_calendar_rules(tables: CheckedTables) -> list[Fault]:
    """Find rules whose days do not fit their pattern."""
    faults = []
    for record in tables.records("calendar_rules"):
        pattern, days = record["pattern"], record["days"]
        if pattern is None:
            continue
        is_item = _ITEM_CHECKS.get(pattern)
        items = split_list(days)
        if is_item is None:
            if items:
                cause = f"The pattern {pattern} names all its days; {days!r} says nothing more."
                cure = "Empty the cell, or choose another pattern."
                faults.append(record.fault(cause, cure, "days"))
            continue
        example = _EXAMPLES[pattern]
        if not items:
            cause = f"The pattern {pattern} needs its days."
            faults.append(record.fault(cause, f"Write them so: {example}.", "days"))
        faults.extend(
            record.fault(
                f"{shorten_text(item)!r} does not fit the pattern {pattern}.",
                f"Write the days so: {example}.",
                "days",
            )
            for item in items
            if not is_item(item)
        )
        if pattern == "every_n_days":
            faults.extend(_check_cycle(record, items))
        if pattern == "dates":
            faults.extend(_check_validity(record, items))
    return faults


def _check_reports(tables: CheckedTables) -> list[Fault]:
    """Find days that are reported as run by a source that is older than they are."""
    published = {
        record["source_id"]: str(record["published_on"])
        for record in tables.records("sources")
        if record["published_on"]
    }
    faults = []
    for record in tables.records("calendar_rules"):
        told = published.get(record["source_id"])
        if record["pattern"] != "dates" or not record["reported"] or told is None:
            continue
        # A source that names its year or month alone may be of the last day in it.
        later = [day for day in split_list(record["days"]) if day[: len(told)] > told]
        if later:
            cause = f"The source is of {told} and cannot report what happened on {later[0]}."
            cure = "Leave reported empty: it is a forecast. Or name a later source."
            faults.append(record.fault(cause, cure, "reported"))
    return faults


def _check_procedures(tables: CheckedTables) -> list[Fault]:
    """Find procedures without steps, steps that wait for none, and half-known opening hours."""
    steps = tables.group("procedure_steps", "procedure_id", "sequence")
    cause = "The procedure has no steps, so it takes no time."
    cure = "Give its steps in procedure_steps."
    faults = [
        record.fault(cause, cure, severity=WARNING)
        for record in tables.records("procedures")
        if record["procedure_id"] is not None and record["procedure_id"] not in steps
    ]
    for records in steps.values():
        earlier = {"0"}
        for record in records:
            faults.extend(_check_step(record, earlier))
            earlier.add(str(record["sequence"]))
    return faults


def _check_cycle(record: Record, items: Sequence[str]) -> Iterator[Fault]:
    if len(items) > 1:
        cause = "The pattern every_n_days takes one number."
        yield record.fault(cause, "Write the number of days alone: 2.", "days")
    if record["valid_from"] is None:
        cause = "The pattern every_n_days needs a first day to count from."
        yield record.fault(cause, "Give valid_from.", "valid_from")


def _check_validity(record: Record, items: Sequence[str]) -> Iterator[Fault]:
    """Dates outside the validity of their own rule never count."""
    first, last = record["valid_from"], record["valid_to"]
    for item in filter(_is_date, items):
        day = dt.date.fromisoformat(item)
        if (first is not None and day < first) or (last is not None and day > last):
            cause = f"{item} lies outside the validity of its own rule and does not count."
            cure = "Take the date out, or widen valid_from or valid_to."
            yield record.fault(cause, cure, "days", severity=WARNING)


def _check_step(record: Record, earlier: set[str]) -> Iterator[Fault]:
    for item in split_list(record["after"]):
        if item not in earlier:
            cause = f"{shorten_text(item)!r} is no earlier step of this procedure."
            cure = f"Name steps that come before: {', '.join(sorted(earlier, key=int))}."
            yield record.fault(cause, cure, "after")
    hours = {column: record[column] for column in ("opens", "closes")}
    missing = [column for column, value in hours.items() if value is None]
    if len(missing) == 1:
        cause = "Only one of opens and closes is known."
        yield record.fault(cause, "Give both, or none for round the clock.", missing[0])
    elif not missing and hours["opens"] == hours["closes"]:
        cause = f"The resource opens and closes at {hours['opens']}."
        yield record.fault(cause, "Leave both empty for round the clock.", "closes")


def _is_weekday(item: str) -> bool:
    is_long_enough = len(item) >= _SHORTEST_NAME
    return is_long_enough and any(day.startswith(item.lower()) for day in _WEEKDAYS)


def _is_day_of_month(item: str) -> bool:
    if item == _LAST_DAY:
        return True
    return item.isascii() and item.isdigit() and 1 <= int(item[:4]) <= _LONGEST_MONTH


def _is_cycle(item: str) -> bool:
    return item.isascii() and item.isdigit() and 1 <= int(item[:6]) <= _LONGEST_CYCLE_DAYS


def _is_date(item: str) -> bool:
    if _ISO_DATE.fullmatch(item) is None:
        return False
    try:
        dt.date.fromisoformat(item)
    except ValueError:
        return False
    return True


_ITEM_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "weekdays": _is_weekday,
    "days_of_month": _is_day_of_month,
    "every_n_days": _is_cycle,
    "dates": _is_date,
}

_EXAMPLES: Final = {
    "weekdays": "Mon;Wed;Fri",
    "days_of_month": "3;17;last",
    "every_n_days": "2",
    "dates": "2025-06-17;2025-07-03",
}


CHECKS: Final[tuple[Check, ...]] = (
    _check_calendars,
    _check_calendar_rules,
    _check_reports,
    _check_procedures,
)
"""Checks of this file, in the order in which their faults are told."""
