"""Sources and claims: dates are dates, a source tells of nothing later, units are written one way.

`CHECKS` lists the checks of tables alone; `check_source_days` needs the settings too.
"""

import calendar
import math
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from arterial.errors import Fault
from arterial.study.faults import WARNING, shorten_text
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.settings import Settings

__all__ = ["CHECKS", "check_source_days"]

_DAY: Final = re.compile(r"\d{4}(-\d{2}){0,2}", re.ASCII)
_YEAR: Final = re.compile(r"(?<!\d)(1[89]|2[01])\d{2}(?!\d)|\d0s\b", re.ASCII)
_LONGEST: Final = 12
_RANGE: Final = ("low", "value", "high")

_POINTERS: Final = (
    ("claims", "claim_id", "superseded_by"),
    ("claims", "claim_id", "corrects"),
    ("sources", "source_id", "republishes"),
)
"""Columns by which a row stands behind another one."""

WEIGHT_ERROR: Final = 1e-6
"""By how much typed weights may miss one [1]."""

_HAPPENED: Final = (("inspections", "inspected_on"), ("assets", "installed"))
"""Days on which something happened, which a source can only tell afterwards."""

UNIT_SLIPS: Final[Mapping[str, str]] = {
    "kms": "km",
    "kilometre": "km",
    "kilometres": "km",
    "kilometer": "km",
    "kilometers": "km",
    "kmh": "km/h",
    "kph": "km/h",
    "km/hr": "km/h",
    "kmph": "km/h",
    "metre": "m",
    "metres": "m",
    "meter": "m",
    "meters": "m",
    "ton": "t",
    "tons": "t",
    "tonne": "t",
    "tonnes": "t",
    "hour": "h",
    "hours": "h",
    "hr": "h",
    "hrs": "h",
    "minutes": "min",
    "mins": "min",
    "percent": "%",
    "per cent": "%",
    "pct": "%",
    "permille": "per mille",
    "volt": "V",
    "volts": "V",
    "m^3": "m3",
    "m\u00b3": "m3",
    "m^2": "m2",
    "m\u00b2": "m2",
}
"""Units written in another way than in the tables of this program, in small letters."""

UNITS: Final = frozenset(
    {*UNIT_SLIPS.values(), "kg", "g", "mm", "cm", "kV", "kW", "MW", "kN", "N", "s", "d", "y", "Mt"}
)
"""Units in the letters in which they are written; K is not k, M not m."""


def _check_days(tables: CheckedTables) -> list[Fault]:
    """Find days of sources that are none, and those of claims that do not exist."""
    faults: list[Fault] = []
    cure = "Write YYYY, YYYY-MM or YYYY-MM-DD, as exactly as it is known: 2025-06."
    for record in tables.records("sources"):
        for column in ("published_on", "retrieved_on"):
            text = record[column]
            if text is not None and not _is_day(text):
                cause = f"{shorten_text(text)!r} is not a date."
                faults.append(record.fault(cause, cure, column, severity=WARNING))
        told, seen = record["published_on"], record["retrieved_on"]
        if told and seen and _is_day(told) and _is_day(seen) and _is_later(told, seen):
            cause = f"It was retrieved on {seen}, before it was published on {told}."
            faults.append(
                record.fault(cause, "Correct one of the two.", "retrieved_on", severity=WARNING)
            )
    for record in tables.records("claims"):
        for column in ("as_of", "published_on"):
            text = record[column]
            is_wrong = text is not None and (
                not _is_day(text) if _DAY.fullmatch(text) else not _YEAR.search(text)
            )
            if is_wrong:
                cause = f"{shorten_text(text)!r} names no day, month or year that exists."
                faults.append(record.fault(cause, cure, column, severity=WARNING))
    return faults


def _check_claim_ranges(tables: CheckedTables) -> list[Fault]:
    """Find claims whose low, value and high are numbers out of order, or not finite."""
    faults = []
    for record in tables.records("claims"):
        known: list[tuple[str, float]] = []
        for column in _RANGE:
            number = _read_number(record[column])
            if number is not None and not math.isfinite(number):
                cause = f"{shorten_text(record[column])!r} is not a finite number."
                cure = "Leave the cell empty if unknown."
                faults.append(record.fault(cause, cure, column))
            elif number is not None:
                known.append((column, number))
        for (low_column, low), (high_column, high) in pairwise(known):
            if low > high:
                cause = f"{low_column} ({low:g}) is above {high_column} ({high:g})."
                faults.append(record.fault(cause, "Exchange or correct them.", high_column))
    return faults


def _check_units(tables: CheckedTables) -> list[Fault]:
    """Find units written in another way, and rival claims in units that cannot be compared."""
    faults: list[Fault] = []
    for table in ("claims", "materials"):
        for record in tables.records(table):
            unit = record["unit"]
            better = None if unit is None else _spell_unit(unit)
            if better is not None and better != unit:
                cause = f"The unit {shorten_text(unit)!r} is written {better} here."
                faults.append(record.fault(cause, f"Write {better}.", "unit", severity=WARNING))
    first: dict[tuple[str, str], Record] = {}
    for record in tables.records("claims"):
        if None in {record["group"], record["unit"]} or record["value"] is None:
            continue
        rival = first.setdefault((record["group"], record["quantity"]), record)
        if rival["unit"] != record["unit"]:
            cause = (
                f"It says the {shorten_text(record['quantity'])} in "
                f"{shorten_text(record['unit'])}, its rival of row "
                f"{rival.row} in {shorten_text(rival['unit'])}."
            )
            cure = "Give both in one unit, or set them in groups of their own."
            faults.append(record.fault(cause, cure, "unit", severity=WARNING))
    return faults


def _check_events(tables: CheckedTables) -> list[Fault]:
    """Find what a source is said to tell and what happened only after it was published."""
    published = _list_published(tables)
    faults = []
    for table, column in _HAPPENED:
        for record in tables.records(table):
            told, day = published.get(record["source_id"]), record[column]
            if told is not None and day is not None and _is_later(str(day), told):
                cause = f"It is of {day}, and its source was published on {told}."
                cure = "Correct the day, or name the later source."
                faults.append(record.fault(cause, cure, column, severity=WARNING))
    for record in tables.records("claims"):
        told, day = published.get(record["source_id"]), record["published_on"]
        # What was reckoned from a source is published by whoever reckoned it.
        if record["grade"] == "derived":
            continue
        if told is not None and day is not None and _is_day(day) and _is_later(day, told):
            cause = f"The claim was published on {day}, its source on {told}."
            cure = "Correct one of the two, or name the later source."
            faults.append(record.fault(cause, cure, "published_on", severity=WARNING))
    return faults


def _check_observations(tables: CheckedTables) -> list[Fault]:
    """Find what is called seen and was told before it can have happened."""
    published = _list_published(tables)
    faults = []
    for record in tables.records("observations"):
        if record["observed_time"] is not None and record["late_min"] is not None:
            cause = "A time and a lateness are both stated, and may differ."
            cure = "State one of them; the other follows from the timetable."
            faults.append(record.fault(cause, cure, "late_min"))
        told, day = published.get(record["source_id"]), record["observed_date"]
        if (record["kind"] or "seen") != "seen" or told is None or day is None:
            continue
        if _is_later(str(day), told):
            cause = f"It is called seen on {day}, and its source was published on {told}."
            cure = "Call it a plan or a forecast, or name the source that saw it."
            faults.append(record.fault(cause, cure, "kind"))
    return faults


def _check_circles(tables: CheckedTables) -> list[Fault]:
    """Find claims that take the place of each other in a circle, and sources that repeat so."""
    faults = []
    for table, key, pointer in _POINTERS:
        rows = tables.index(table, key)
        after = {name: record[pointer] for name, record in rows.items() if record[pointer] in rows}
        for name, record in rows.items():
            seen, at = {name}, after.get(name)
            while at is not None and at not in seen:
                seen.add(at)
                at = after.get(at)
            # Told once, at its least name; that a row points at itself is told elsewhere.
            if at == name and len(seen) > 1 and name == min(seen):
                cause = f"{' and '.join(sorted(seen)[:4])} lead to each other in a circle."
                faults.append(record.fault(cause, "Let one of them point at none.", pointer))
    return faults


def _check_alternatives(tables: CheckedTables) -> list[Fault]:
    """Find options whose weights do not add up to one."""
    sums: dict[str, float] = {}
    for record in tables.records("alternatives"):
        if record["group"] is not None and record["prior_weight"] is not None:
            sums[record["group"]] = sums.get(record["group"], 0.0) + record["prior_weight"]
    return [
        record.fault(
            f"The weights of {group} add up to {sums[group]:g}.",
            "Let them add up to 1.",
            "prior_weight",
        )
        for group, record in tables.index("alternatives", "group").items()
        if group in sums and abs(sums[group] - 1.0) > WEIGHT_ERROR
    ]


def check_source_days(tables: CheckedTables, settings: Settings) -> Iterator[Fault]:
    """Find sources and claims that were published after the day on which the study stands.

    Parameters
    ----------
    tables : CheckedTables
        All input tables as read.
    settings : Settings
        Settings of the study, of which ``as_of`` is looked at.

    Yields
    ------
    Fault
        A warning at each.
    """
    today = settings.as_of.isoformat()
    for table in ("sources", "claims"):
        for record in tables.records(table):
            day = record["published_on"]
            if day is not None and _is_day(day) and _is_later(day, today):
                cause = f"It was published on {day}, after as_of, {today}."
                cure = "Correct the day, or as_of in study.toml."
                yield record.fault(cause, cure, "published_on", severity=WARNING)


def _list_published(tables: CheckedTables) -> dict[str, str]:
    """Day, month or year of each source that names one."""
    return {
        record["source_id"]: record["published_on"]
        for record in tables.records("sources")
        if record["published_on"] is not None and _is_day(record["published_on"])
    }


def _is_day(text: str) -> bool:
    """Whether a text is a day, month or year that exists."""
    if _DAY.fullmatch(text) is None:
        return False
    year, month, day = (*(int(part) for part in text.split("-")), 1, 1)[:3]
    if not year >= 1 or not 1 <= month <= _LONGEST:
        return False
    return 1 <= day <= calendar.monthrange(year, month)[1]


def _is_later(day: str, other: str) -> bool:
    """Whether one day is surely after another; a year alone may be of any day in it."""
    width = min(len(day), len(other))
    return day[:width] > other[:width]


def _read_number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _spell_unit(unit: str) -> str | None:
    """How a unit is written here; None where it is not known, such as ``sleepers``."""
    small = unit.strip().casefold()
    if small in UNIT_SLIPS:
        return UNIT_SLIPS[small]
    if unit in UNITS:
        return unit
    spelt = [known for known in UNITS if known.casefold() == small]
    return spelt[0] if len(spelt) == 1 else None


CHECKS: Final[tuple[Check, ...]] = (
    _check_days,
    _check_claim_ranges,
    _check_units,
    _check_events,
    _check_observations,
    _check_alternatives,
    _check_circles,
)
"""Checks of this file, in the order in which their faults are told."""
