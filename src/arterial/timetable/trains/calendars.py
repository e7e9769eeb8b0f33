"""Calendars: which local days a set of rules names, and what it says of them.

Main function: :func:`resolve_calendar`. Rules apply in order and a later rule overrides an earlier
one on the days it names; days that no rule names do not run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study import split_list

__all__ = [
    "CalendarDay",
    "CalendarEffect",
    "list_calendar_days",
    "resolve_calendar",
    "resolve_calendars",
]

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST_DAY_OF_MONTH: Final = "last"


class CalendarEffect(StrEnum):
    """What a rule says of the days it names."""

    RUNS = "runs"
    DOES_NOT_RUN = "does_not_run"
    SUSPENDED = "suspended"
    TEST_RUN = "test_run"

    @property
    def has_train(self) -> bool:
        """Whether something moves on such a day."""
        return self in {CalendarEffect.RUNS, CalendarEffect.TEST_RUN}


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What a calendar says of one day.

    Parameters
    ----------
    effect : CalendarEffect
        Effect of the last rule that names the day.
    reported : bool or None
        Whether a source reports that it really ran (True) or did not (False); None = no report.
    """

    effect: CalendarEffect
    reported: bool | None


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: str
    days: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    outcome: CalendarDay


def resolve_calendar(
    calendar_rules: pl.DataFrame, calendar_id: str, day_from: date, day_to: date
) -> pl.DataFrame:
    """Days that a calendar names in a period, each with its effect.

    Days are local days at the place of departure; no zone is needed to name them.

    Parameters
    ----------
    calendar_rules : polars.DataFrame
        Table ``calendar_rules``.
    calendar_id : str
        The calendar.
    day_from, day_to : date
        First and last day, both included.

    Returns
    -------
    polars.DataFrame
        ``date``, ``effect``, ``reported``; one row a named day, by date.

    Raises
    ------
    StudyError
        With every rule that cannot be read.
    """
    days = resolve_calendars(calendar_rules, day_from, day_to).get(calendar_id, {})
    return pl.DataFrame(
        [
            {"date": day, "effect": said.effect.value, "reported": said.reported}
            for day, said in sorted(days.items())
        ],
        schema={"date": pl.Date, "effect": pl.String, "reported": pl.Boolean},
    )


def resolve_calendars(
    calendar_rules: pl.DataFrame, day_from: date, day_to: date
) -> Mapping[str, Mapping[date, CalendarDay]]:
    """Resolve every calendar at once, as :func:`resolve_calendar` does one.

    Parameters
    ----------
    calendar_rules : polars.DataFrame
        Table ``calendar_rules``.
    day_from, day_to : date
        First and last day, both included.

    Returns
    -------
    mapping
        Calendar, then day, to what is said of it.
    """
    faults: list[Fault] = []
    resolved: dict[str, dict[date, CalendarDay]] = {}
    for row in calendar_rules.sort("calendar_id", "sequence").iter_rows(named=True):
        days = resolved.setdefault(row["calendar_id"], {})
        try:
            rule = _read_rule(row)
            named = _name_days(rule, day_from, day_to)
        except ValueError as error:
            faults.append(_rule_fault(row, str(error)))
            continue
        days.update(dict.fromkeys(named, rule.outcome))
    if faults:
        message = f"{len(faults)} calendar rules cannot be read."
        raise StudyError(message, faults)
    return resolved


def list_calendar_days(days: Mapping[date, CalendarDay]) -> tuple[date, ...]:
    """Days on which something moves, in order.

    Examples
    --------
    >>> runs = CalendarDay(CalendarEffect.RUNS, None)
    >>> list_calendar_days({date(2025, 7, 3): runs})
    (datetime.date(2025, 7, 3),)
    """
    return tuple(day for day, said in sorted(days.items()) if said.effect.has_train)


def _read_rule(row: Mapping[str, object]) -> _Rule:
    effect = row["effect"] or CalendarEffect.RUNS.value
    days = row["days"]
    valid_from, valid_to, reported = row["valid_from"], row["valid_to"], row["reported"]
    return _Rule(
        pattern=str(row["pattern"]),
        days=split_list(days if isinstance(days, str) else None),
        valid_from=valid_from if isinstance(valid_from, date) else None,
        valid_to=valid_to if isinstance(valid_to, date) else None,
        outcome=CalendarDay(
            CalendarEffect(str(effect)), reported if isinstance(reported, bool) else None
        ),
    )


def _name_days(rule: _Rule, day_from: date, day_to: date) -> list[date]:
    first = max(day_from, rule.valid_from or day_from)
    last = min(day_to, rule.valid_to or day_to)
    period = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    match rule.pattern:
        case "daily":
            return period
        case "weekdays":
            numbers = {_read_weekday(item) for item in _need_days(rule)}
            return [day for day in period if day.weekday() in numbers]
        case "days_of_month":
            return _name_days_of_month(_need_days(rule), period)
        case "odd_days" | "even_days":
            remainder = 1 if rule.pattern == "odd_days" else 0
            return [day for day in period if day.day % 2 == remainder]
        case "every_n_days":
            return _name_every_n_days(rule, period)
        case "dates":
            dates = {date.fromisoformat(item) for item in _need_days(rule)}
            return [day for day in period if day in dates]
        case _:
            message = f"the pattern '{rule.pattern}' is unknown"
            raise ValueError(message)


def _name_days_of_month(items: tuple[str, ...], period: list[date]) -> list[date]:
    wants_last = any(item.lower() == LAST_DAY_OF_MONTH for item in items)
    numbers = {int(item) for item in items if item.lower() != LAST_DAY_OF_MONTH}
    if any(not 1 <= number <= 31 for number in numbers):  # noqa: PLR2004 days of a month
        message = "a day of the month lies between 1 and 31"
        raise ValueError(message)
    one_day = timedelta(days=1)
    return [
        day
        for day in period
        if day.day in numbers or (wants_last and (day + one_day).month != day.month)
    ]


def _name_every_n_days(rule: _Rule, period: list[date]) -> list[date]:
    if rule.valid_from is None:
        message = "every_n_days needs valid_from, the day from which is counted"
        raise ValueError(message)
    step = int(_need_days(rule)[0])
    if step < 1:
        message = "every_n_days needs a number of days of at least 1"
        raise ValueError(message)
    return [day for day in period if (day - rule.valid_from).days % step == 0]


def _need_days(rule: _Rule) -> tuple[str, ...]:
    if not rule.days:
        message = f"the pattern '{rule.pattern}' needs the column days"
        raise ValueError(message)
    return rule.days


def _read_weekday(item: str) -> int:
    short = item.lower()[:3]
    if short not in WEEKDAYS:
        message = f"'{item}' is not a day of the week"
        raise ValueError(message)
    return WEEKDAYS.index(short)


def _rule_fault(row: Mapping[str, object], reason: str) -> Fault:
    return Fault(
        cause=f"Calendar {row['calendar_id']}, rule {row['sequence']}: {reason}.",
        cure="Write Mon;Wed for weekdays, 3;17;last for days_of_month, 2 for every_n_days, "
        "and 2025-06-17 for dates.",
        file="tables/calendar_rules.csv",
        column="days",
    )
