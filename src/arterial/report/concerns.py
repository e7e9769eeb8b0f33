"""What stops or endangers what was announced, the gravest first, each with what would mend it.

The main function is `list_concerns`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.report.chances import percent_range_text, percent_text, select_handovers
from arterial.report.hindrances import describe_cause, group_causes
from arterial.report.outcomes import list_statement_conflicts
from arterial.report.stated_trains import describe_conflict, is_impossible
from arterial.report.timetable_answer import KIND_WORDS, name_places
from arterial.report.wording import count_text, duration_text
from arterial.study import Study

__all__ = ["Concern", "list_concerns"]

GRAVITY: Final = ("block", "warn")
"""Findings that are concerns, the gravest first; notes are none."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that stops or endangers what was announced.

    Parameters
    ----------
    gravity : str
        ``block``, ``warn`` or ``note``.
    what : str
        The cause in a few words, with how many departures or days it hits.
    why : str
        What it costs, or why it is so.
    figures : str
        Those behind it, of one of the departures; empty where `why` says it.
    cure : str
        What would mend or settle it.
    section : str
        Section of the page that tells more.
    """

    gravity: str
    what: str
    why: str
    figures: str
    cure: str
    section: str


def list_concerns(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[Concern]:
    """Give what forbids, then what endangers, then what was published and does not agree.

    Parameters
    ----------
    study : Study
        The study, for names.
    results : mapping of str to DataFrame
        Result tables by name.

    Yields
    ------
    Concern
        The gravest first; of one gravity those that cost most or hit most.
    """
    findings = _table(results, "findings")
    yield from _list_causes(study, results, findings, GRAVITY[0])
    yield from _list_places(study, is_impossible(results))
    yield from _list_causes(study, results, findings, GRAVITY[1])
    checks = _table(results, "statement_checks")
    for row in [] if checks.is_empty() else list_statement_conflicts(checks):
        yield Concern(
            gravity="note",
            what=f"Published and not so: {row['subject'] or row['statement_id']}",
            why=f"Stated {row['stated']}, computed {row['computed']}.",
            figures="",
            cure="See the calculation under the published statements.",
            section="statements",
        )


def _list_places(study: Study, conflicts: pl.DataFrame) -> Iterator[Concern]:
    """Conflicts of trains by place and kind, those of most train-days first."""
    if conflicts.is_empty():
        return
    placed = conflicts.with_columns(place=name_places(study, conflicts))
    groups = (
        placed.group_by("kind", "place", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("days_count").sum())
        .sort("days_count", descending=True, maintain_order=True)
    )
    for kind, place, count, _ in groups.iter_rows():
        is_here = (pl.col("kind") == kind) & (pl.col("place") == place)
        first = placed.filter(is_here).row(0, named=True)
        yield Concern(
            gravity="block",
            what=f"{place}: {KIND_WORDS.get(kind, kind)} ({count_text(count, 'conflict')})",
            why=f"First trains {describe_conflict(study, first)}.",
            figures="",
            cure="arterial timetable STUDY --date DAY plans who moves by how much.",
            section="timetable",
        )


def _list_causes(
    study: Study, results: Mapping[str, pl.DataFrame], findings: pl.DataFrame, gravity: str
) -> Iterator[Concern]:
    """Findings of one gravity by cause, those that cost most first."""
    if findings.is_empty():
        return
    of_gravity = findings.filter(pl.col("severity") == gravity)
    if of_gravity.is_empty():
        return
    risks = _list_handovers(results)
    groups = list(group_causes(of_gravity).iter_rows(named=True))
    groups.sort(key=lambda group: -_find_risk(risks, group).get("delay_cost_h", 0.0))
    for group in groups:
        first = of_gravity.filter(
            pl.col("kind").eq_missing(group["kind"])
            & pl.col("train_id").eq_missing(group["train_id"])
            & pl.col("point_id").eq_missing(group["point_id"])
        ).row(0, named=True)
        risk = _describe_risk(study, _find_risk(risks, group))
        yield Concern(
            gravity=gravity,
            what=_capital(describe_cause(study, group)),
            why=risk or first["cause"] or "",
            figures=(first["cause"] or "") if risk else "",
            cure=first["cure"] or "",
            section="findings",
        )


def _list_handovers(results: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Hand-overs that are missed at all, the dearest first."""
    if _table(results, "handover_risks").is_empty():
        return []
    return select_handovers(results).drop_nulls("delay_cost_h").to_dicts()


def _find_risk(risks: list[dict[str, Any]], group: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the hand-over of a group of findings costs, in the service that it costs most."""
    for risk in risks:
        is_there = (risk["point_id"], risk["to_train_id"]) == (group["point_id"], group["train_id"])
        if is_there and risk["service_id"] in group["service_id"]:
            return risk
    return {}


def _describe_risk(study: Study, risk: Mapping[str, Any]) -> str:
    """How often a hand-over is missed, with the range of what is not known, and what it costs."""
    if not risk:
        return ""
    low, high = risk["missed_share_low"], risk["missed_share_high"]
    spread = "" if low is None or high is None else f" ({percent_range_text(low, high)})"
    names = dict(study.table("coach_services").select("service_id", "name").iter_rows())
    service = names.get(risk["service_id"]) or risk["service_id"]
    return (
        f"Missed with a chance of {percent_text(risk['missed_share'])}{spread} on {service}, where "
        f"it costs {duration_text(risk['delay_cost_h'])} on average."
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _table(results: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    return results.get(name, pl.DataFrame())
