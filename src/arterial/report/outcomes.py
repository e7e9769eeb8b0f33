"""What came of the departures and of the published statements, counted for the head of the report.

The main functions are `count_outcomes`, `list_seen_trips` and `list_statement_conflicts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from arterial.report.chances import READINGS
from arterial.study import Study

__all__ = ["Outcomes", "count_outcomes", "list_seen_trips", "list_statement_conflicts"]

PUBLISHED_BASES: Final = ("published", "observed")
"""Bases of a time that somebody published; all others are derived, computed or assumed."""

LIKELY: Final = 0.9
EVEN: Final = 0.5
"""Chances by which departures at risk are split [1]."""

CONFLICT_VERDICTS: Final = (
    "contradicted",
    "only_if_zones_ignored",
    "simplified",
    "ambiguous",
)
"""Verdicts of statements in conflict, the gravest first."""

KIND_ORDER: Final = (
    "place",
    "arrival_day",
    "duration",
    "event_time",
    "frequency",
    "distance",
    "run",
)
"""Kinds of statements, those that tell most about a coach first."""


ANNOUNCEMENTS: Final = ("announced_duration_h", "announced_arrival_day")
"""Columns of a service that announce when it arrives."""

UNBELIEVED_KINDS: Final = ("faster_than_physics", "slower_than_credible")
"""Kinds of findings on times that no train keeps, or that none needs."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Departures that are not suspended, by what came of them.

    Parameters
    ----------
    judged : int
        All of them.
    ran : int
        Reported as run.
    working : int
        Shown to work with all times.
    without_host, unrunnable, too_short, otherwise_blocked : int
        Do not work, by the first of these reasons that applies.
    at_risk : int
        Possible with the kindest times, not shown with all of them.
    unpublished : int
        Of those at risk, the ones where a time at a risky change of trains is not published.
    unbelieved : int
        Of those at risk, the ones that nothing but a time beyond physics or reason puts there.
    missed_at_best : int
        Of those at risk, the ones that miss a connection with the likeliest times.
    unknown : int
        Cannot be judged.
    by_chance : tuple of int
        Of those at risk and simulated, the ones whose chance of keeping the announced day is at
        least `LIKELY`, at least even, and less.
    is_announced : bool
        Whether any arrival is announced, observed or published to hold a departure against.
    """

    judged: int
    ran: int
    working: int
    without_host: int
    unrunnable: int
    too_short: int
    otherwise_blocked: int
    at_risk: int
    unpublished: int
    unbelieved: int
    missed_at_best: int
    unknown: int
    by_chance: tuple[int, int, int]
    is_announced: bool

    @property
    def blocked(self) -> int:
        """Departures that do not work, for whatever reason."""
        return self.without_host + self.unrunnable + self.too_short + self.otherwise_blocked


def count_outcomes(results: Mapping[str, pl.DataFrame], study: Study | None = None) -> Outcomes:
    """Count departures by verdict and reason.

    Parameters
    ----------
    results : mapping of str to DataFrame
        Table ``trips``; ``findings``, ``connections``, ``trip_events``, ``punctuality`` and
        ``statement_checks`` where present.
    study : Study, optional
        The study, for what its services announce.
    """
    trips = results["trips"].filter(pl.col("status").fill_null("planned") != "suspended")
    verdicts = trips["verdict"].fill_null("unknown").to_list()
    blocked = trips.filter(pl.col("verdict") == "does_not_work")
    reasons = _list_block_reasons(results, blocked)
    at_risk = trips.filter(pl.col("verdict") == "at_risk")["trip_id"].to_list()
    unpublished, missed = _find_risky(results)
    return Outcomes(
        judged=trips.height,
        ran=verdicts.count("ran"),
        working=verdicts.count("works"),
        without_host=reasons.count("host"),
        unrunnable=reasons.count("train"),
        too_short=reasons.count("connection"),
        otherwise_blocked=reasons.count("other"),
        at_risk=len(at_risk),
        unpublished=sum(trip_id in unpublished for trip_id in at_risk),
        unbelieved=_count_unbelieved(results, trips, unpublished),
        missed_at_best=sum(trip_id in missed for trip_id in at_risk),
        unknown=verdicts.count("unknown"),
        by_chance=_split_by_chance(results, at_risk),
        is_announced=_is_announced(results, study),
    )


def list_seen_trips(study: Study, trips: pl.DataFrame) -> list[str]:
    """Trips of which a published event tells that is not older than the day it tells of.

    A source that is older than that day tells what is planned; one whose day is known only by its
    month or year counts where that is later for certain.

    Parameters
    ----------
    study : Study
        Tables ``published_events`` and ``sources``.
    trips : polars.DataFrame
        Table ``trips``.
    """
    published = dict(study.table("sources").select("source_id", "published_on").iter_rows())
    dated = study.table("published_events").drop_nulls("departure_date")
    seen: set[tuple[str, date]] = set()
    for row in dated.filter(pl.col("stated_day_of_month").is_null()).iter_rows(named=True):
        day = row["departure_date"] + timedelta(days=row["stated_day_offset"] or 0)
        # As text, 2025-06 lies before each of its days, and 2025-07 after all of them.
        if str(published.get(row["source_id"]) or "") >= day.isoformat():
            seen.add((row["service_id"], row["departure_date"]))
    keys = trips.select("trip_id", "service_id", "trip_date").iter_rows()
    return [trip_id for trip_id, service, day in keys if (service, day) in seen]


def list_statement_conflicts(checks: pl.DataFrame) -> list[dict[str, Any]]:
    """Statements that conflict with the model or have two meanings, for telling some in words.

    The gravest comes first; then one of each further kind, so that few words tell different things.

    Parameters
    ----------
    checks : polars.DataFrame
        Table ``statement_checks``.
    """
    rows = [row for row in checks.iter_rows(named=True) if row["verdict"] in CONFLICT_VERDICTS]

    def rank(row: Mapping[str, Any]) -> int:
        return KIND_ORDER.index(row["kind"]) if row["kind"] in KIND_ORDER else len(KIND_ORDER)

    rows.sort(key=lambda row: (rank(row), CONFLICT_VERDICTS.index(row["verdict"])))
    seen: set[str | None] = set()
    first: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for row in rows:
        (rest if row["kind"] in seen else first).append(row)
        seen.add(row["kind"])
    return [*first, *rest]


def _split_by_chance(
    results: Mapping[str, pl.DataFrame], trip_ids: list[str]
) -> tuple[int, int, int]:
    """Trips by their simulated chance of keeping the announced day: likely, even or more, less."""
    chances = results.get("punctuality", pl.DataFrame())
    if chances.is_empty():
        return 0, 0, 0
    of_trips = chances.filter(
        (pl.col("measure") == "announced_day") & pl.col("group_id").is_in(trip_ids)
    )
    shares = of_trips["share"].drop_nulls().to_list()
    likely = sum(share >= LIKELY for share in shares)
    even = sum(share >= EVEN for share in shares)
    return likely, even - likely, len(shares) - even


def _is_announced(results: Mapping[str, pl.DataFrame], study: Study | None) -> bool:
    """Whether an arrival of any service is known from somebody else than the model."""
    if study is not None:
        services = study.table("coach_services").select(ANNOUNCEMENTS)
        if sum(services.count().row(0)):
            return True
    checks = results.get("statement_checks", pl.DataFrame())
    if not checks.is_empty() and checks["kind"].is_in(["arrival_day", "event_time"]).any():
        return True
    chances = results.get("punctuality", pl.DataFrame())
    if not chances.is_empty() and chances["measure"].is_in(list(READINGS)).any():
        return True
    events = results.get("trip_events", pl.DataFrame())
    if events.is_empty():
        return False
    ends = events.group_by("trip_id").agg(pl.col("basis").sort_by("sequence").last())
    return bool(ends["basis"].is_in(list(PUBLISHED_BASES)).any())


def _list_block_reasons(results: Mapping[str, pl.DataFrame], blocked: pl.DataFrame) -> list[str]:
    """The first reason that applies to each departure that does not work."""
    kinds: dict[tuple[Any, Any], set[str]] = {}
    findings = results.get("findings", pl.DataFrame())
    if not findings.is_empty():
        blocks = findings.filter(pl.col("severity") == "block")
        for service_id, day, kind in blocks.select("service_id", "trip_date", "kind").iter_rows():
            kinds.setdefault((service_id, day), set()).add(kind)
    reasons = []
    for key in blocked.select("service_id", "trip_date").iter_rows():
        trip_kinds = kinds.get(key, set())
        if "host_does_not_run" in trip_kinds:
            reasons.append("host")
        elif "host_cannot_run" in trip_kinds:
            reasons.append("train")
        elif trip_kinds & {"connection_too_short", "border_closed"}:
            reasons.append("connection")
        else:
            reasons.append("other")
    return reasons


def _count_unbelieved(
    results: Mapping[str, pl.DataFrame], trips: pl.DataFrame, unpublished: set[str]
) -> int:
    """Departures at risk whose warnings all are of times beyond physics or reason."""
    findings = results.get("findings", pl.DataFrame())
    if findings.is_empty():
        return 0
    keys = ("service_id", "trip_date")
    warned = findings.filter(pl.col("severity") == "warn").group_by(*keys)
    alone = warned.agg(pl.col("kind").is_in(UNBELIEVED_KINDS).all().alias("is_alone"))
    at_risk = trips.filter(
        (pl.col("verdict") == "at_risk") & ~pl.col("trip_id").is_in(sorted(unpublished))
    )
    return int(at_risk.join(alone, on=keys, how="inner")["is_alone"].sum())


def _find_risky(results: Mapping[str, pl.DataFrame]) -> tuple[set[str], set[str]]:
    """Trips with an unpublished time at a risky change, and those that miss one at best times."""
    connections = results.get("connections", pl.DataFrame())
    events = results.get("trip_events", pl.DataFrame())
    if connections.is_empty():
        return set(), set()
    risky = connections.filter(pl.col("verdict") == "at_risk")
    missed = risky.filter(pl.col("available_min") < pl.col("required_min"))
    unpublished: set[str] = set()
    if not events.is_empty():
        unsure = events.filter(
            pl.col("is_handover") & ~pl.col("basis").fill_null("unknown").is_in(PUBLISHED_BASES)
        )
        hit = risky.join(unsure, on=["trip_id", "point_id"], how="semi")
        unpublished = set(hit["trip_id"].to_list())
    return unpublished, set(missed["trip_id"].to_list())
