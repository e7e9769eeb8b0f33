"""The whole timetable in words: how its trains are run, and which of them cannot run as stated.

Main functions: `describe_stated_trains`, `describe_timetable_conflicts` and
`describe_line_delays`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.clock import local_text
from arterial.report.chances import is_sure, percent_text
from arterial.report.timetable_answer import KIND_WORDS
from arterial.report.wording import count_text, date_text, duration_text, join_words
from arterial.study import Study
from arterial.study.identifiers import name_trains
from arterial.units import MINUTE_S

__all__ = [
    "describe_conflict",
    "describe_consumption",
    "describe_line_delays",
    "describe_stated_trains",
    "describe_timetable_conflicts",
    "is_impossible",
]

PLACES_IN_WORDS: Final = 3
REASONS_IN_WORDS: Final = 2


def is_impossible(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Conflicts that cannot be run whatever the trains do between their stated times."""
    conflicts = results.get("timetable_conflicts")
    if conflicts is None:
        return pl.DataFrame()
    return conflicts.filter("is_impossible")


def describe_stated_trains(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How many trains there are and how they are run; told where trains are not hosts alone."""
    runs = results["train_runs"]
    if _are_hosts(study, runs):
        return
    words = {
        "running_time": "run by physics",
        "timetable": "run as stated",
        "not_run": "not run",
    }
    counts = dict(runs.group_by("mode").agg(pl.len()).iter_rows())
    parts = [f"{counts[mode]} {text}" for mode, text in words.items() if mode in counts]
    if len(parts) == 1:
        parts = [f"all {parts[0].split(' ', maxsplit=1)[1]}"]
    days = count_text(int(runs["days_count"].sum()), "train-day")
    settings = study.settings
    span = f"from {date_text(settings.horizon_from)} to {date_text(settings.horizon_to)}"
    yield (
        f"{count_text(runs.height, 'train')} with {days} {span}: {join_words(parts)}"
        f"{_describe_reasons(runs)}."
    )


def _are_hosts(study: Study, runs: pl.DataFrame) -> bool:
    """Whether most trains carry a coach: then the coaches lead."""
    hosts = set(study.table("coach_legs")["train_id"].to_list())
    trains = set(runs["train_id"].to_list())
    return len(trains - hosts) < len(trains & hosts)


def _describe_reasons(runs: pl.DataFrame) -> str:
    """Why trains are not run by physics, the most common reasons first."""
    reasons = (
        runs.drop_nulls("reason")
        .group_by("reason")
        .agg(pl.len().alias("count"))
        .sort(["count", "reason"], descending=[True, False])
    )
    told = [
        f"{row['count']}: {row['reason'].rstrip('.')}"
        for row in reasons.head(REASONS_IN_WORDS).iter_rows(named=True)
    ]
    more = reasons.height - len(told)
    if not told:
        return ""
    return f" ({'; '.join(told)}{f'; {more} more reasons' if more > 0 else ''})"


def describe_timetable_conflicts(
    study: Study, results: Mapping[str, pl.DataFrame]
) -> Iterator[str]:
    """Which stated trains cannot both run, with the worst places; what is only close comes after.

    A train path that is free of conflicts is told too: it is what a planner asks first.
    """
    conflicts = results["timetable_conflicts"]
    impossible = is_impossible(results)
    runs = results["train_runs"]
    if impossible.is_empty() and (runs.height < 2 or _are_hosts(study, runs)):  # noqa: PLR2004 two
        return
    held = results["train_times"].drop_nulls("section_id")["train_id"].n_unique()
    trains = count_text(held, "stated train")
    if not held:
        yield f"Not judged: none of {count_text(runs.height, 'train')} stands on a known section."
        return
    if impossible.is_empty():
        sure = f"Computed, {trains} held against each other: none of them excludes another"
    else:
        hit = impossible.select(
            pl.concat_list("train_id", pl.col("other_train_id").fill_null(pl.col("train_id")))
            .explode()
            .n_unique()
        ).item()
        sure = (
            f"Computed, {trains} held against each other: "
            f"{count_text(impossible.height, 'conflict')} of {count_text(hit, 'train')} cannot be "
            f"run as stated ({_count_kinds(impossible)}), first "
            f"{describe_conflict(study, impossible.row(0, named=True))}"
        )
    others = conflicts.filter(~pl.col("is_impossible"))
    close = ""
    if others.height:
        close = (
            f"; {others.height} more would have to be settled on the way or are closer than the "
            f"least intervals taken ({_count_kinds(others)})"
        )
    yield f"{sure}{close}.{_describe_unjudged(results)}"


def _count_kinds(conflicts: pl.DataFrame) -> str:
    counts = dict(conflicts.group_by("kind").agg(pl.len()).iter_rows())
    return join_words(
        [f"{counts[kind]} {KIND_WORDS[kind]}" for kind in KIND_WORDS if kind in counts]
    )


def describe_conflict(study: Study, row: Mapping[str, Any]) -> str:
    """Give a conflict with its trains, place and time; a row of ``timetable_conflicts``."""
    points = study.table("operational_points")
    names = dict(points.select("point_id", "name").iter_rows())
    zones = dict(points.select("point_id", "zone").iter_rows())
    numbers = name_trains(study.tables)
    at = row["point_id"] or row["from_point"]
    place = f"at {names.get(at, at)}"
    if row["point_id"] is None:
        ends = [names.get(row[end], row[end]) for end in ("from_point", "to_point")]
        place = f"between {join_words(ends)}"
    when = local_text(row["from_at_s"], study.settings.epoch, zones.get(at) or "Etc/UTC")
    others = (row["other_train_ids"] or "").split(";")
    trains = [numbers.get(name, name) for name in (row["train_id"], *filter(None, others))]
    seconds = row["missing_s"]
    missing = f"{seconds / MINUTE_S:.0f} min" if seconds >= MINUTE_S else f"{seconds} s"
    words = f"{KIND_WORDS[row['kind']]}, {missing} missing" if seconds else row["cure"].rstrip(".")
    days = count_text(row["days_count"], "day")
    return f"{join_words(trains)} {place} on {when} ({words}, on {days})"


def _describe_unjudged(results: Mapping[str, pl.DataFrame]) -> str:
    """What was not looked at because it is unknown."""
    assumed = results.get("assumptions")
    if assumed is None or assumed.is_empty():
        return ""
    unknown = assumed.filter(pl.col("assumption_id") == "timetable:station_tracks")
    return "" if unknown.is_empty() else f" {unknown['reason'][0]}"


def describe_line_delays(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """How late the trains of a timetable are when things go wrong, and which the most."""
    stated = set(study.table("trains")["train_id"].to_list())
    hosts = set(study.table("coach_legs")["train_id"].to_list())
    delays = results["line_delays"].filter(
        (pl.col("scenario") == "as_is") & pl.col("train_key").is_in(sorted(stated - hosts))
    )
    if delays.is_empty():
        return
    names = ("delay_mean_min", "knock_on_min", "delay_mean_min_low", "delay_mean_min_high")
    mean, knock_on, low, high = delays.select(pl.col(names).mean()).row(0)
    known = delays.filter(is_sure(delays, "delay_mean_min"))
    worst = known.sort(["delay_mean_min", "train_key"], descending=[True, False])
    numbers = name_trains(study.tables)
    named = [
        f"{numbers.get(row['train_key'], row['train_key'])} ({row['delay_mean_min']:.0f} min)"
        for row in worst.head(PLACES_IN_WORDS).iter_rows(named=True)
    ]
    latest = f"; the latest are {join_words(named)}" if named else ""
    yield (
        f"Simulated on the busiest day, planned without conflicts: its {delays.height} trains are "
        f"{mean:.1f} min late on average at their ends ({low:.1f} to {high:.1f}), "
        f"{knock_on:.1f} min of it passed on by others{latest}."
        f"{_describe_cancelled(study, delays)}"
    )


def _describe_cancelled(study: Study, delays: pl.DataFrame) -> str:
    """How many runs are taken off at closed lines, where any is."""
    share = delays["cancelled_share"].mean() if "cancelled_share" in delays.columns else None
    if not isinstance(share, float) or share <= 0:
        return ""
    wait = duration_text(study.settings.reliability.closed_line_wait_h)
    return (
        f" {percent_text(share)} of their runs are cancelled at closed lines, late by {wait} each."
    )


def describe_consumption(_study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Which stretches of the line the planned day fills most."""
    full = results["capacity_consumption"].sort("consumption", descending=True)
    worst = [
        f"{row['line_section_id']} {100 * row['consumption']:.0f} % ({row['trains_count']} trains)"
        for row in full.head(PLACES_IN_WORDS).iter_rows(named=True)
    ]
    congested = int(full["is_congested"].sum())
    yield (
        f"Computed capacity consumption of the day after UIC 406: most on {join_words(worst)}; "
        f"{congested} of {full.height} stretches consume more than there is."
    )
