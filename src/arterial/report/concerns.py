"""What stops or endangers what was announced, the gravest first, each with what would mend it.

The main function is `list_concerns`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import polars as pl

from arterial.clock import local_text
from arterial.report.chances import is_sure, percent_range_text, percent_text, select_missed
from arterial.report.hindrances import describe_cause, group_causes
from arterial.report.outcomes import list_statement_conflicts
from arterial.report.stated_trains import describe_conflict, is_impossible
from arterial.report.timetable_answer import KIND_WORDS, name_places
from arterial.report.wording import count_text, duration_text
from arterial.study import Study

__all__ = ["Concern", "list_concerns", "list_unjudged", "propose_next"]

GRAVITY: Final = ("block", "warn")
"""Findings that are concerns, the gravest first; notes are none."""

TRAINS_NAMED: Final = 5

BUFFER_WORDS: Final = {
    "step_shorter": "up to {time} less work there saves",
    "host_waits": "up to {time} more waiting by train {train} saves",
}
"""Buffers that are told as cures; a host that leaves later every day is none."""

MUCH_LESS: Final = 0.1
"""Part of the departures without a set that one more spare must take away to be proposed [1]."""


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

    @property
    def first_cure(self) -> str:
        """The first cure without its full stop; what would settle it stands on the page."""
        return self.cure.partition(";")[0].rstrip(".")


def list_concerns(
    study: Study, results: Mapping[str, pl.DataFrame]
) -> Iterator[Callable[[], Concern]]:
    """Give what forbids, then what endangers, then what was published and does not agree.

    Parameters
    ----------
    study : Study
        The study, for names.
    results : mapping of str to DataFrame
        Result tables by name.

    Yields
    ------
    callable
        Writes a :class:`Concern`. The gravest come first, of one gravity those that cost most or
        hit most; of thousands few are told, and only these are put into words.
    """
    findings = _table(results, "findings")
    yield from _list_barred(study, results)
    yield from _list_causes(study, results, findings, GRAVITY[0])
    yield from _list_places(study, is_impossible(results))
    yield from _list_causes(study, results, findings, GRAVITY[1])
    yield from _list_taken(findings)
    checks = _table(results, "statement_checks")
    for row in [] if checks.is_empty() else list_statement_conflicts(checks):
        yield partial(_write_statement, row)


def propose_next(results: Mapping[str, pl.DataFrame]) -> Iterator[Concern]:
    """Give what to do where nothing is found wrong: what is not known yet, or rests on most.

    Parameters
    ----------
    results : mapping of str to DataFrame
        Result tables by name, without a concern.

    Yields
    ------
    Concern
        A note, one at most.
    """
    told = _table(results, "assumptions")
    if told.is_empty():
        return
    if _table(results, "punctuality").is_empty() and _table(results, "line_delays").is_empty():
        why = "No row says what delays trains, so nothing tells how likely they are late."
        cure = "State what happens how often in disturbances.csv, or the track and its age in "
        cure += "asset_densities.csv, and run again."
    else:
        assumed = told.filter(pl.col("kind") == "assumption")["where"].str.split(" ").list.first()
        if assumed.is_empty():
            return
        counts = assumed.value_counts(name="count")
        table, count = counts.sort("count", "where", descending=[True, False]).row(0)
        why = f"That holds as far as what it rests on; most of that, {count} of {assumed.len()} "
        why += f"assumptions, stands in {table}."
        cure = f"Put what is published or measured in their place, in {table} first (arterial show "
        cure += "STUDY --table assumptions lists them)."
    yield Concern("note", "Nothing is found wrong", why, "", cure, "assumptions")


def _list_taken(findings: pl.DataFrame) -> Iterator[Callable[[], Concern]]:
    """Stated times that cannot be as they are, each once, with what was taken."""
    if findings.is_empty():
        return
    kinds = ["clock_time_missing", "clock_time_twice", "faster_than_physics"]
    told = findings.filter(pl.col("kind").is_in(kinds), severity="note")
    for row in told.unique("cause", maintain_order=True).iter_rows(named=True):
        yield partial(
            Concern,
            "note",
            row["cause"].rstrip("."),
            row["consequence"],
            "",
            row["cure"],
            "findings",
        )


def _write_statement(row: Mapping[str, Any]) -> Concern:
    return Concern(
        gravity="note",
        what=f"Published and not so: {row['subject'] or row['statement_id']}",
        why=f"Stated {row['stated']}, computed {row['computed']}.",
        figures="",
        cure="See the calculation under the published statements.",
        section="statements",
    )


def list_unjudged(results: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Rows of ``train_runs`` of the trains that stand on no section of the network at any time.

    Nothing was held against them: neither other trains nor a floor of physics.

    Parameters
    ----------
    results : mapping of str to DataFrame
        Tables ``train_runs`` and ``train_times``.
    """
    runs, times = _table(results, "train_runs"), _table(results, "train_times")
    if runs.is_empty() or times.is_empty():
        return runs
    held = times.drop_nulls("section_id")["train_id"].unique()
    return runs.filter(~pl.col("train_id").is_in(held.implode()))


def _list_barred(
    study: Study, results: Mapping[str, pl.DataFrame]
) -> Iterator[Callable[[], Concern]]:
    """Trains that were not judged, by the reason."""
    numbers = dict(study.table("trains").select("train_id", "number").iter_rows())
    groups = list_unjudged(results)
    if groups.is_empty():
        return
    groups = (
        groups.with_columns(pl.col("reason").fill_null("Its times are not known."))
        .group_by("reason", maintain_order=True)
        .agg(pl.col("train_id"), pl.len().alias("count"))
        .sort("count", descending=True, maintain_order=True)
    )
    for reason, train_ids, count in groups.iter_rows():
        named = [numbers.get(train) or train for train in train_ids[:TRAINS_NAMED]]
        yield partial(_write_barred, reason, named, count)


def _write_barred(reason: str, named: list[str], count: int) -> Concern:
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return Concern(
        gravity="block",
        what=f"Not judged: {'train' if count == 1 else 'trains'} {', '.join(named)}{more}",
        why=reason,
        figures="",
        cure="State its way and times; arterial check STUDY names the rows.",
        section="timetable",
    )


def _list_places(study: Study, conflicts: pl.DataFrame) -> Iterator[Callable[[], Concern]]:
    """Conflicts of trains by place and kind, those of most train-days first."""
    if conflicts.is_empty():
        return
    placed = conflicts.with_columns(place=name_places(study, conflicts))
    groups = (
        placed.group_by("kind", "place", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("days_count").sum())
        .sort("days_count", descending=True, maintain_order=True)
    )
    for group in groups.iter_rows(named=True):
        yield partial(_write_place, study, placed, group)


def _write_place(study: Study, placed: pl.DataFrame, group: Mapping[str, Any]) -> Concern:
    kind, place = group["kind"], group["place"]
    is_here = (pl.col("kind") == kind) & (pl.col("place") == place)
    first = placed.filter(is_here).row(0, named=True)
    words = count_text(group["count"], "conflict")
    return Concern(
        gravity="block",
        what=f"{place}: {KIND_WORDS.get(kind, kind)} ({words})",
        why=f"First trains {describe_conflict(study, first)}.",
        figures="",
        cure=f"arterial timetable STUDY --date {_find_day(study, first)} plans who moves.",
        section="timetable",
    )


def _find_day(study: Study, conflict: Mapping[str, Any]) -> str:
    """Day of a conflict by the clock of its place."""
    zones = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    zone = zones.get(conflict["point_id"] or conflict["from_point"]) or "Etc/UTC"
    return local_text(conflict["from_at_s"], study.settings.epoch, zone)[:10]


def _list_causes(
    study: Study, results: Mapping[str, pl.DataFrame], findings: pl.DataFrame, gravity: str
) -> Iterator[Callable[[], Concern]]:
    """Findings of one gravity by cause, those that cost most first."""
    if findings.is_empty():
        return
    of_gravity = findings.filter(pl.col("severity") == gravity)
    if of_gravity.is_empty():
        return
    risks = _list_handovers(results)
    groups = [(group, _find_risk(risks, group)) for group in group_causes(of_gravity).to_dicts()]
    groups.sort(key=lambda pair: risks.index(pair[1]) if pair[1] else len(risks))
    for group, risk in groups:
        yield partial(_write_cause, study, results, of_gravity, group, risk)


def _write_cause(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    of_gravity: pl.DataFrame,
    group: Mapping[str, Any],
    risk: Mapping[str, Any],
) -> Concern:
    first = of_gravity.filter(
        pl.col(name).eq_missing(group[name]) for name in ("kind", "train_id", "point_id")
    ).row(0, named=True)
    costs = _describe_risk(study, risk)
    cause = describe_cause(study, group)
    if group["kind"] == "set_not_back":
        # One finding stands for the tightest of all turns there.
        cause = cause.partition(" (")[0]
    return Concern(
        gravity=first["severity"],
        what=_capital(cause),
        why=costs or first["cause"] or "",
        figures=(first["cause"] or "") if costs else "",
        cure=_lead_with_best(study, results, first, risk),
        section="findings",
    )


def _lead_with_best(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    finding: Mapping[str, Any],
    risk: Mapping[str, Any],
) -> str:
    """The cure of a finding, behind what was simulated to save most, where that is told."""
    cure = finding["cure"] or ""
    if finding["kind"] == "set_not_back":
        best = _describe_spare(study, results, finding["finding_id"].partition(":")[0])
    else:
        best = _describe_buffer(study, results, risk)
    return f"{best}; or {cure[:1].lower()}{cure[1:]}" if best and cure else best or cure


def _describe_buffer(
    study: Study, results: Mapping[str, pl.DataFrame], risk: Mapping[str, Any]
) -> str:
    """Of the buffers tried at a hand-over the one that saves most, beside what the other does."""
    values = _table(results, "buffer_values")
    if not risk or values.is_empty():
        return ""
    tried = values.filter(
        pl.col("service_id") == risk["service_id"],
        pl.col("sequence") == risk["sequence"],
        pl.col("kind").is_in(list(BUFFER_WORDS)),
        pl.col("delay_saved_h_error").is_null() | is_sure(values, "delay_saved_h"),
        pl.col("delay_saved_h") > 0,
    )
    longest = tried.filter(pl.col("minutes") == pl.col("minutes").max())
    numbers = dict(study.table("trains").select("train_id", "number").iter_rows())
    train = numbers.get(risk["to_train_id"]) or risk["to_train_id"]
    parts = [
        f"{BUFFER_WORDS[row['kind']].format(time=duration_text(row['minutes'] / 60), train=train)} "
        f"{duration_text(row['delay_saved_h'])}"
        for row in longest.sort("delay_saved_h", descending=True).iter_rows(named=True)
    ]
    return f"{_capital(', '.join(parts))} on average (simulated)" if parts else ""


def _describe_spare(study: Study, results: Mapping[str, pl.DataFrame], pool_id: str) -> str:
    """What one more spare set than planned does, where that is much."""
    risks = _table(results, "rotation_risks")
    if risks.is_empty():
        return ""
    pools = dict(study.table("coach_pools").select("pool_id", "spare_sets").iter_rows())
    planned = pools.get(pool_id) or 0
    of_pool = risks.filter(pool_id=pool_id).drop_nulls("lost_share")
    lost = dict(of_pool.select("spare_sets", "lost_share").iter_rows())
    now, then = lost.get(planned), lost.get(planned + 1)
    if now is None or then is None or then > (1 - MUCH_LESS) * now:
        return ""
    return (
        f"One more spare set, with which {percent_text(then)} instead of {percent_text(now)} of "
        "the departures of its pool have no set ready"
    )


def _list_handovers(results: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Hand-overs that are missed at all, the departures for which no set is ready among them.

    Those first that cost all departures together most.
    """
    if _table(results, "handover_risks").is_empty():
        return []
    known = select_missed(results).drop_nulls("delay_cost_h")
    whole = pl.col("delay_cost_h") * pl.col("trips_count")
    return known.sort(whole, descending=True, maintain_order=True).to_dicts()


def _find_risk(risks: list[dict[str, Any]], group: Mapping[str, Any]) -> dict[str, Any]:
    """What the hand-over of a group of findings costs, in the service that it costs most."""
    is_of_sets = group["kind"] == "set_not_back"
    if not is_of_sets and not (group["kind"] or "").startswith("connection"):
        return {}
    for risk in risks:
        is_there = risk["point_id"] == group["point_id"] and (
            risk["sequence"] == 1 if is_of_sets else risk["to_train_id"] == group["train_id"]
        )
        if is_there and (is_of_sets or risk["service_id"] in group["service_id"]):
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
    verb = "Missed" if risk["sequence"] > 1 else "No set is ready and the host is missed"
    return (
        f"{verb} with a chance of {percent_text(risk['missed_share'])}{spread} on {service}, "
        f"which costs {duration_text(risk['delay_cost_h'])} a trip on average, missed or not."
    )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _table(results: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    return results.get(name, pl.DataFrame())
