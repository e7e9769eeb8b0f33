"""The answer of a run on one screen: what works, what does not, why, and what to do.

The main function is `answer_study`. The terminal and the head of the page show the same answer; the
sentences of `arterial.report.summarise` tell the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from arterial.report.chances import (
    order_services,
    percent_range_text,
    percent_text,
    select_group,
)
from arterial.report.concerns import Concern, list_concerns, list_unjudged, propose_next
from arterial.report.outcomes import Outcomes, count_outcomes
from arterial.report.stated_trains import is_impossible
from arterial.report.wording import (
    count_text,
    date_text,
    duration_text,
    join_words,
    range_text,
)
from arterial.study import Study
from arterial.units import DAY_S, HOUR_S

__all__ = [
    "SERVICE_HEADINGS",
    "Answer",
    "Concern",
    "ServiceAnswer",
    "answer_study",
    "chance_words",
    "count_assumptions",
    "describe_no_departure",
    "elapsed_text",
    "service_cells",
]

SERVICES_TOLD: Final = 8
CONCERNS_TOLD: Final = 3
SERVICE_HEADINGS: Final = ("Service", "Departures", "Arrives by", "Time on the way")
VERDICT_WORDS: Final = {
    "ran": "ran",
    "works": "shown to work",
    "at_risk": "at risk",
    "does_not_work": "cannot be made",
    "unknown": "unknown",
    "suspended": "suspended",
}
"""What came of departures, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """One service in one row.

    Parameters
    ----------
    name : str
        Its name.
    departures : str
        How many departures came to what.
    tone : str
        Verdict of the worst of them.
    chance, chance_low, chance_high, chance_error : float or None
        Chance of keeping the announcement, its range with what is not known, and the error of its
        mean [1].
    limit : str
        What was announced: a day of arrival, or a duration.
    elapsed : str
        True time on the way with its range; empty where no time is known.
    """

    name: str
    departures: str
    tone: str
    chance: float | None
    chance_low: float | None
    chance_high: float | None
    chance_error: float | None
    limit: str
    elapsed: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run found, in the order in which it is read.

    Parameters
    ----------
    headline : str
        The answer in one sentence or two.
    services : tuple of ServiceAnswer
        The services, those shown first at the head.
    services_left : int
        Services that have no row.
    concerns : tuple of Concern
        At most three, the gravest first.
    concerns_left : int
        Further ones.
    basis : str
        How much is assumed.
    """

    headline: str
    services: tuple[ServiceAnswer, ...]
    services_left: int
    concerns: tuple[Concern, ...]
    concerns_left: int
    basis: str

    def as_row(self) -> dict[str, Any]:
        """Give the answer as the page and JSON take it."""
        return asdict(self)


def answer_study(study: Study, results: Mapping[str, pl.DataFrame]) -> Answer:
    """Give the answer of a run.

    Parameters
    ----------
    study : Study
        The study, for names.
    results : mapping of str to DataFrame
        Result tables by name; of what a table does not tell nothing is said.

    Returns
    -------
    Answer
        The same for terminal and page.
    """
    services = list(_list_services(study, results))
    concerns = list(list_concerns(study, results))
    head = [*_head_departures(study, results, services), *_head_trains(study, results)]
    return Answer(
        headline=" ".join(head),
        services=tuple(services[:SERVICES_TOLD]),
        services_left=max(0, len(services) - SERVICES_TOLD),
        concerns=tuple(write() for write in concerns[:CONCERNS_TOLD])
        or tuple(propose_next(results)),
        concerns_left=max(0, len(concerns) - CONCERNS_TOLD),
        basis=f"Rests on {join_words(parts)}." if (parts := count_assumptions(results)) else "",
    )


def _table(results: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    return results.get(name, pl.DataFrame())


def _head_departures(
    study: Study, results: Mapping[str, pl.DataFrame], services: list[ServiceAnswer]
) -> Iterator[str]:
    """How many departures work, and how likely."""
    trips = _table(results, "trips")
    if trips.is_empty():
        yield from describe_no_departure(study, results)
        return
    outcomes = count_outcomes(results, study)
    if not outcomes.judged:
        yield "Every departure is suspended."
        return
    suspended = trips.height - outcomes.judged
    more = f" {suspended} more are suspended." if suspended else ""
    yield f"{_count_departures(outcomes)}{more}"
    close = _count_close(study, results) if outcomes.working == outcomes.judged else 0
    if close:
        told = "conflict of a host is" if close == 1 else "conflicts of hosts are"
        yield f"But {close} {told} left to be settled on the way, which is not judged here."
    known = [row for row in services if row.chance is not None]
    known.sort(key=lambda row: (row.chance or 0.0, row.name))
    if not known:
        return
    worst, best = known[0], known[-1]
    told = f"{chance_words(best)} on {best.name}"
    if worst is not best:
        told += f" and {chance_words(worst)} on {worst.name}"
    # The chance counts the departures that can be made.
    where = " where its hosts run" if outcomes.blocked else ""
    yield f"Simulated, what is announced is kept{where} with a chance of {told}."


def _count_close(study: Study, results: Mapping[str, pl.DataFrame]) -> int:
    """Conflicts of trains that carry coaches which are not impossible by their stated times."""
    conflicts = _table(results, "timetable_conflicts")
    if conflicts.is_empty():
        return 0
    hosts = study.table("coach_legs")["train_id"].unique().implode()
    is_host = pl.col("train_id").is_in(hosts) | pl.col("other_train_id").is_in(hosts)
    return conflicts.filter(is_host & ~pl.col("is_impossible")).height


def chance_words(service: ServiceAnswer) -> str:
    """Give the chance of a service with the range of what is not known."""
    if service.chance_low is None or service.chance_high is None:
        return percent_text(service.chance or 0.0)
    spread = percent_range_text(service.chance_low, service.chance_high)
    return f"{percent_text(service.chance or 0.0)} ({spread})"


def service_cells(service: ServiceAnswer) -> tuple[str, ...]:
    """Give the row of a service under `SERVICE_HEADINGS`."""
    chance = "not simulated"
    if service.chance is not None:
        chance = f"{service.limit}: {chance_words(service)}"
    return service.name, service.departures, chance, service.elapsed or "unknown"


def describe_no_departure(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Say that no departure lies in the horizon, where there are services that should have some.

    Parameters
    ----------
    study : Study
        The study.
    results : mapping of str to DataFrame
        Table ``trips``.
    """
    services = study.table("coach_services")
    trips = results.get("trips")
    if services.is_empty() or trips is None or not trips.is_empty():
        return
    settings = study.settings
    span = f"{date_text(settings.horizon_from)} to {date_text(settings.horizon_to)}"
    calendars = sorted(set(services["calendar_id"].drop_nulls().to_list()))
    yield (
        f"No departure of {count_text(services.height, 'service')} lies in the horizon from "
        f"{span}: the calendars {join_words(calendars)} "
        "have no day in it, so nothing is judged."
    )


def _count_departures(outcomes: Outcomes) -> str:
    departures = count_text(outcomes.judged, "departure")
    if outcomes.working == outcomes.judged:
        held = "as announced" if outcomes.is_announced else "as planned; no arrival is announced"
        return (
            f"{f'All {departures} work' if outcomes.judged > 1 else 'The departure works'} {held}."
        )
    hangs = outcomes.unpublished == outcomes.at_risk
    why = " (they hang on hours that nobody published)" if hangs else ""
    parts = [
        f"{'all' if count == outcomes.judged else count} {words}"
        for count, words in (
            (outcomes.blocked, "cannot be made as announced"),
            (outcomes.at_risk, f"may fail{why}"),
            (outcomes.unknown, "cannot be judged"),
            (outcomes.ran, "ran, as reported"),
            (outcomes.working, "are shown to work"),
        )
        if count
    ]
    return f"Of {departures} {join_words(parts)}."


def _head_trains(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Whether the stated trains exclude one another, and how late they are; of trains alone."""
    runs = _table(results, "train_runs")
    if runs.is_empty() or not study.table("coach_services").is_empty():
        return
    left = list_unjudged(results).height
    trains = count_text(runs.height, "train")
    if left == runs.height:
        yield f"None of {trains} was judged: no way or no times are known."
        return
    told = f"{left} of {trains} were not judged" if left else f"All {trains} are timed"
    conflicts = _table(results, "timetable_conflicts")
    impossible = is_impossible(results).height
    close = conflicts.height - impossible
    if impossible:
        found = f"{count_text(impossible, 'conflict')} cannot be run as stated"
    else:
        found = "none of the others excludes another" if left else "none excludes another"
    more = f", {close} more must be settled on the way" if close else ""
    yield f"{told}; {found}{more}."
    delays = _table(results, "line_delays")
    if delays.is_empty():
        return
    means = delays.filter(pl.col("scenario") == "as_is").select(
        pl.col("delay_mean_min", "delay_mean_min_low", "delay_mean_min_high").mean()
    )
    mean, low, high = means.row(0)
    if None not in {mean, low, high}:
        yield (
            f"Simulated, a train is {mean:.1f} min late at its end on average "
            f"({low:.1f} to {high:.1f})."
        )


def _list_services(study: Study, results: Mapping[str, pl.DataFrame]) -> Iterator[ServiceAnswer]:
    trips = _table(results, "trips")
    if trips.is_empty():
        return
    names = dict(study.table("coach_services").select("service_id", "name").iter_rows())
    chances = {row["service_id"]: row for row in _list_chances(results)}
    for service_id in order_services(study, trips):
        of_service = trips.filter(pl.col("service_id") == service_id)
        counts = _count_verdicts(of_service)
        chance = chances.get(service_id, {})
        yield ServiceAnswer(
            name=names.get(service_id) or service_id,
            departures=", ".join(f"{count} {VERDICT_WORDS[key]}" for key, count in counts.items()),
            tone=next((key for key in reversed(counts) if key != "suspended"), "suspended"),
            chance=chance.get("share"),
            chance_low=chance.get("share_low"),
            chance_high=chance.get("share_high"),
            chance_error=chance.get("share_draws_error") or chance.get("share_error"),
            limit=_limit_text(chance),
            elapsed=elapsed_text(of_service),
        )


def _count_verdicts(trips: pl.DataFrame) -> dict[str, int]:
    is_suspended = pl.col("status").fill_null("planned") == "suspended"
    told = pl.when(is_suspended).then(pl.lit("suspended")).otherwise(pl.col("verdict"))
    values = trips.select(told.fill_null("unknown")).to_series().to_list()
    return {key: values.count(key) for key in VERDICT_WORDS if key in values}


def _list_chances(results: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Chance of each service to keep its announced day; where none is announced, its duration."""
    punctuality = _table(results, "punctuality")
    if punctuality.is_empty():
        return []
    found: dict[str, dict[str, Any]] = {}
    for measure in ("announced_duration", "announced_day"):
        of_measure = punctuality.filter(pl.col("measure") == measure)
        for row in select_group(of_measure, "share").iter_rows(named=True):
            found[row["service_id"]] = row
    return list(found.values())


def _limit_text(chance: Mapping[str, Any]) -> str:
    if not chance:
        return ""
    if chance["measure"] == "announced_day":
        return f"day {chance['limit_h'] * HOUR_S / DAY_S:.0f}"
    return f"within {duration_text(chance['limit_h'])}"


def elapsed_text(trips: pl.DataFrame) -> str:
    """Give the true time on the way of some trips with its range; empty where none is known.

    Parameters
    ----------
    trips : polars.DataFrame
        Rows of ``trips``, of one service.
    """
    is_due = pl.col("status").fill_null("planned") != "suspended"
    timed = trips.filter(is_due).drop_nulls(["elapsed_low_h", "elapsed_h", "elapsed_high_h"])
    if timed.is_empty():
        return ""
    ends = timed.select(
        pl.col("elapsed_h").min(),
        pl.col("elapsed_h").max().alias("longest"),
        pl.col("elapsed_low_h").min(),
        pl.col("elapsed_high_h").max(),
    )
    least, most, low, high = (duration_text(hours) for hours in ends.row(0))
    spread = range_text(least, most)
    return spread if low == high or (least, most) == (low, high) else f"{spread} ({low} to {high})"


def count_assumptions(results: Mapping[str, pl.DataFrame]) -> list[str]:
    """Give what the results rest on besides published facts, counted by kind.

    Parameters
    ----------
    results : mapping of str to DataFrame
        Table ``assumptions``.
    """
    assumptions = _table(results, "assumptions")
    if assumptions.is_empty():
        return []
    kinds = assumptions["kind"].fill_null("unknown").to_list()
    words = {
        "assumption": "assumption",
        "default": "default",
        "estimate": "estimate",
        "recalled": "value recalled without a source",
    }
    plurals = {"recalled": "values recalled without a source"}
    parts = [
        count_text(kinds.count(kind), noun, plurals.get(kind))
        for kind, noun in words.items()
        if kind in kinds
    ]
    bare = assumptions.filter(pl.col("kind") == "unsourced")["uses_count"].sum()
    if bare:
        parts.append(f"{count_text(int(bare), 'row')} without source and grade")
    return parts
