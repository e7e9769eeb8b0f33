"""What stops the coaches of a study, or puts them at risk, in one sentence.

The main function is `describe_hindrances`: the causes that hit most departures, each with train,
place and the days on which the train runs.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.report.wording import (
    count_text,
    date_text,
    day_offset_text,
    join_words,
    ordinal_text,
)
from arterial.study import Study, split_list

__all__ = ["describe_cause", "describe_hindrances", "describe_train_days", "group_causes"]

EXCEPTIONS_IN_WORDS: Final = 3
CAUSES_IN_WORDS: Final = 2
"""Causes told in the summary; all stand in the findings."""

RISKY_KINDS: Final = (
    "faster_than_physics",
    "slower_than_credible",
    "connection_at_risk",
    "border_closed",
    "host_does_not_run",
)

CAUSE_WORDS: Final = {
    "host_does_not_run": "{train} at {place}",
    "faster_than_physics": "{train}, which is said to be faster than it can be",
    "slower_than_credible": "{train}, whose time is beyond what a train needs",
    "host_cannot_run": "{train}, which cannot run as stated",
    "connection_too_short": "too little time for the change to {train} at {place}",
    "connection_at_risk": "the change to {train} at {place}",
    "border_closed": "the opening hours at {place}",
    "set_not_back": "a coach set that is not back at {place}",
    "route_broken": "the way of {train}, which is broken at {place}",
    "published_arrival_differs": "an announced arrival that its own hosts cannot keep",
    "chance_certain": "an announcement that is never kept in the simulation",
    "compatibility": "a coach that does not agree with {train}",
}


def describe_hindrances(study: Study, findings: pl.DataFrame) -> str:
    """Say what stops the coaches most often; without that, what puts them at risk.

    Parameters
    ----------
    study : Study
        The study, for names, legs and calendars.
    findings : polars.DataFrame
        Table ``findings``, not empty.

    Returns
    -------
    str
        One sentence.
    """
    blocks = findings.filter(pl.col("severity") == "block")
    if not blocks.is_empty():
        return f"Computed: what stops a coach most often is {_list_causes(study, blocks)}."
    is_risk = (pl.col("severity") == "warn") & pl.col("kind").is_in(RISKY_KINDS)
    risks = findings.filter(is_risk)
    opening = "Computed: nothing was found that stops a coach"
    if risks.is_empty():
        return f"{opening}; findings are risks and differences."
    return (
        f"{opening}; at risk on most dates, whatever the chance, is {_list_causes(study, risks)}."
    )


def describe_train_days(study: Study, train_id: str) -> str:
    """Say on which days a train runs, as its calendar words it; empty where it takes more words.

    Parameters
    ----------
    study : Study
        The study.
    train_id : str
        Train.
    """
    calendars = study.table("trains").filter(pl.col("train_id") == train_id)["calendar_id"]
    in_horizon = study.table("calendar_rules").filter(
        pl.col("calendar_id").is_in(calendars.to_list()),
        pl.col("valid_from").fill_null(study.settings.horizon_to) <= study.settings.horizon_to,
        pl.col("valid_to").fill_null(study.settings.horizon_from) >= study.settings.horizon_from,
    )
    runs = pl.col("effect") == "runs"
    rules = in_horizon.filter(runs & (pl.col("pattern") != "dates"))
    if rules.height != 1:
        return ""
    rule = rules.row(0, named=True)
    days = split_list(rule["days"])
    words = "runs daily" if rule["pattern"] == "daily" else ""
    if rule["pattern"] == "weekdays":
        words = f"runs {join_words(days)}"
    elif rule["pattern"] == "days_of_month" and all(day.isdigit() for day in days):
        words = f"runs on the {join_words([ordinal_text(int(day)) for day in days])}"
    return words and f"{words}{_describe_exceptions(study, in_horizon.filter(~runs))}"


def _describe_exceptions(study: Study, rules: pl.DataFrame) -> str:
    """The days in the horizon that later rules take out, as words behind a comma."""
    settings = study.settings
    first, last = settings.horizon_from.isoformat(), settings.horizon_to.isoformat()
    parts = []
    for rule in rules.iter_rows(named=True):
        days = split_list(rule["days"])
        if rule["pattern"] == "dates":
            parts += [date_text(date.fromisoformat(day)) for day in days if first <= day <= last]
        elif rule["pattern"] != "daily" or rule["valid_from"] or rule["valid_to"]:
            parts.append(rule["note"] or "the days of a further rule")
    told = parts[:EXCEPTIONS_IN_WORDS]
    if len(parts) > len(told):
        told.append(f"{len(parts) - len(told)} more days")
    return f", except on {join_words(told)}," if told else ""


def _list_causes(study: Study, findings: pl.DataFrame) -> str:
    """The causes that hit most departures, and how many more there are."""
    groups = group_causes(findings)
    causes = [
        describe_cause(study, row) for row in groups.head(CAUSES_IN_WORDS).iter_rows(named=True)
    ]
    rest = groups.height - len(causes)
    more = f"; {count_text(rest, 'further cause')} in the findings" if rest else ""
    return f"{', then '.join(causes)}{more}"


def group_causes(findings: pl.DataFrame) -> pl.DataFrame:
    """Causes of findings, those that hit most departures first.

    Parameters
    ----------
    findings : polars.DataFrame
        Table ``findings``.

    Returns
    -------
    polars.DataFrame
        ``kind``, ``train_id``, ``point_id``, ``departures_count`` and the services
        ``service_id``.
    """
    return (
        findings.group_by("kind", "train_id", "point_id", maintain_order=True)
        .agg(
            pl.struct("service_id", "trip_date").n_unique().alias("departures_count"),
            pl.col("service_id").unique(maintain_order=True),
        )
        .sort("departures_count", descending=True, maintain_order=True)
    )


def describe_cause(study: Study, group: Mapping[str, Any]) -> str:
    """Give one cause with its train and place, the days of the train and the departures hit.

    Parameters
    ----------
    study : Study
        The study, for names.
    group : mapping
        A row of :func:`group_causes`.
    """
    kind, train_id, point_id = group["kind"], group["train_id"], group["point_id"]
    words = CAUSE_WORDS.get(kind or "", (kind or "an unnamed cause").replace("_", " "))
    if (kind or "").startswith("connection") and _goes_on(study, train_id, group["service_id"]):
        words = "the stop of {train} at {place}, short for the work there"
    trains = _find_name(study, "trains", "train_id", train_id, "number")
    places = _find_name(study, "operational_points", "point_id", point_id, "name")
    cause = words.format(train=f"train {trains}", place=places)
    departures = count_text(group["departures_count"], "departure")
    if kind != "host_does_not_run" or train_id is None:
        return f"{cause} ({departures})"
    runs = describe_train_days(study, train_id)
    needed = _find_boarding_days(study, train_id, group["service_id"])
    parts = [runs, f"the coach needs it {day_offset_text(needed)}" if needed else ""]
    reasons = " while ".join(part for part in parts if part)
    return f"{cause}{f', which {reasons}' if runs else ''} ({departures} without it)"


def _goes_on(study: Study, train_id: str | None, service_ids: list[str | None]) -> bool:
    """Whether the coach comes to a train in one of the same number: nobody changes there."""
    legs = study.table("coach_legs").filter(pl.col("service_id").is_in(service_ids))
    numbers = dict(study.table("trains").select("train_id", "number").drop_nulls().iter_rows())
    numbered = legs.sort("service_id", "sequence").with_columns(
        number=pl.col("train_id").replace_strict(numbers, default=None)
    )
    before = pl.col("number").shift(1).over("service_id")
    own = numbered.with_columns(before=before).filter(pl.col("train_id") == train_id)
    return own.height > 0 and bool((own["before"] == own["number"]).all())


def _find_boarding_days(study: Study, train_id: str, service_ids: list[str | None]) -> list[int]:
    """Announced days on which these services board a train, counted from their departure."""
    legs = study.table("coach_legs").filter(
        (pl.col("train_id") == train_id) & pl.col("service_id").is_in(service_ids)
    )
    return sorted(set(legs["boarding_day"].drop_nulls().to_list()))


def _find_name(study: Study, table: str, key: str, value: str | None, column: str) -> str:
    if value is None:
        return "an unnamed place" if key == "point_id" else "of no number"
    names = study.table(table).filter(pl.col(key) == value)[column].drop_nulls().to_list()
    return str(names[0]) if names else value
