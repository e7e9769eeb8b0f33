"""Differences of results that rest on no chance, in plain words.

Main functions: `describe_outcomes` (the first of them, with their causes) and
`describe_difference`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.report.outcome_changes import PRESENCE, SUBJECT_WORDS, SUBJECTS, group_outcomes
from arterial.report.wording import count_text, date_text, duration_text, join_words
from arterial.units import HOUR_S

__all__ = ["describe_difference", "describe_outcomes"]

MEASURE_WORDS: Final = {
    "departure_s": "departure",
    "journey_s": "journey time",
    "days_count": "days",
    "conflicts_count": "conflicts",
    "missing_s": "time missing",
    "minimum_sets": "sets needed",
    "sets_owned": "sets owned",
    "mode": "times are",
}
SECONDS: Final = re.compile(r"_s$")
SENTENCES: Final = 10
"""Differences told in words; the rest stands on the page and in the record."""

FEW_DAYS: Final = 3
SECONDS_TOLD_BELOW: Final = 60


def describe_outcomes(
    outcomes: pl.DataFrame,
    names: Mapping[str, Mapping[str, str]],
    sides: Sequence[Mapping[str, pl.DataFrame]],
) -> Iterator[str]:
    """Give the differences in words, those of departures first, and what does not differ.

    Parameters
    ----------
    outcomes : polars.DataFrame
        As from `compare_outcomes`; ``cause`` is told where there is one.
    names : mapping
        Words for ids by kind: services, points, pools, trains.
    sides : sequence of mapping
        Result tables of both runs.
    """
    totals = _count_departures(sides)
    groups = group_outcomes(outcomes).to_dicts()
    causes = {row.get("cause") for row in groups}
    is_one = len(causes) == 1 and len(groups) > 1
    for row in groups[:SENTENCES]:
        cause = f" Cause: {row['cause']}." if row.get("cause") and not is_one else ""
        yield f"{describe_difference(row, names, totals)}{cause}"
    if len(groups) > SENTENCES:
        yield f"{len(groups) - SENTENCES} more differences stand on the page and in --json."
    common = causes.pop() if is_one else None
    if common:
        yield f"Cause of each difference: {common}."
    kept = [
        words[0].lower() + words[1:]
        for name, words in SUBJECT_WORDS.items()
        if all(SUBJECTS[name].table in results for results in sides)
        and name not in set(outcomes["subject"])
        and not all(results[SUBJECTS[name].table].is_empty() for results in sides)
    ]
    if kept:
        yield f"Without a difference: {join_words(kept)}."


def describe_difference(
    row: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], totals: Mapping[str, int]
) -> str:
    """Give one row of `group_outcomes` in words, without its cause.

    Parameters
    ----------
    row : mapping
        The row.
    names : mapping
        Words for ids by kind.
    totals : mapping of str to int
        Departures of each service; of those it lacks, no total is told.
    """
    place = _describe_place(row, names, totals)
    measure, before, after = row["measure"], row["before"], row["after"]
    if measure == PRESENCE:
        word = "new" if before is None else "gone"
        return f"{place}: {word}: {_end(_plain(after if before is None else before))}"
    name = MEASURE_WORDS.get(measure, measure.replace("_", " "))
    if not SECONDS.search(measure):
        told = _plain if row["difference"] is None else _number
        return f"{place}: {name} {told(before)} before, {told(after)} after."
    if row["difference"] is None:
        known = "known" if before is None else "not known any more"
        return f"{place}: {name} {known}."
    change = _seconds(abs(row["difference"]))
    if measure == "departure_s":
        word = "later" if row["difference"] > 0 else "earlier"
        return f"{place}: departs {change} {word}."
    word = "longer" if row["difference"] > 0 else "shorter"
    sides = f"{_seconds(float(before))} before, {_seconds(float(after))} after"
    return f"{place}: {name} {change} {word}, {sides}."


def _count_departures(sides: Sequence[Mapping[str, pl.DataFrame]]) -> dict[str, int]:
    """Departures of each service, in the run that has more."""
    totals: dict[str, int] = {}
    for results in sides:
        trips = results.get("trips")
        if trips is not None:
            for service_id, count in trips.group_by("service_id").len().iter_rows():
                totals[service_id] = max(count, totals.get(service_id, 0))
    return totals


def _describe_place(
    row: Mapping[str, Any], names: Mapping[str, Mapping[str, str]], totals: Mapping[str, int]
) -> str:
    """Who or what differs, and on which departures."""
    subject, owner = row["subject"], row["owner"] or row["key"]
    kinds = {"train": "trains", "coach sets": "pools", "connection": "points"}
    name = names.get(kinds.get(subject, "services"), {}).get(owner, owner)
    if subject == "departure":
        of = f"{row['count']} of " if owner in totals else ""
        count = count_text(totals.get(owner, row["count"]), "departure")
        return f"{name}, {of}{count} ({_days(row['days'])})"
    if subject in {"finding", "conflict", "connection"}:
        what = f"{row['count']} {subject}{'' if row['count'] == 1 else 's'}"
        days = f" ({_days(row['days'])})" if row["days"] else ""
        return f"{name}, {what}{days}"
    return f"{subject[0].upper()}{subject[1:]} {name}"


def _days(days: Sequence[date]) -> str:
    """Days as dates, runs of days as their ends."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1][1:] = [day]
        else:
            runs.append([day])
    words = [" to ".join(date_text(day) for day in dict.fromkeys(run)) for run in runs]
    if len(words) > FEW_DAYS:
        return f"{date_text(days[0])} to {date_text(days[-1])}, {count_text(len(days), 'day')}"
    return join_words(words)


def _seconds(seconds: float) -> str:
    if seconds < SECONDS_TOLD_BELOW:
        return f"{seconds:.0f} s"
    return duration_text(seconds / HOUR_S)


def _number(value: str) -> str:
    """A number with the digits that matter."""
    return f"{float(value):.6g}"


def _plain(value: str | None) -> str:
    return "none" if value is None else value.replace("_", " ")


def _end(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
