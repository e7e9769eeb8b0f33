"""Days of a service: first departure, suspension, days of the month; and where it stands on a day.

`answer_start` and its like are for the registry; :func:`describe_states` says of each pair of
places what was suspended, expected, begun and seen.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from arterial.clock import local_day
from arterial.evidence.ledger import Claim, ClaimKind
from arterial.evidence.quantities import Dimension
from arterial.evidence.service_answers import DAY_H, list_named_days
from arterial.evidence.statement_verdicts import name_point, name_service
from arterial.evidence.subjects import Answer, Model, Subject, fold_text
from arterial.units import HOURS_PER_YEAR

__all__ = [
    "answer_arrival_days",
    "answer_days",
    "answer_start",
    "answer_suspended_since",
    "answer_suspension",
    "describe_states",
]

_STARTS: Final = ("start", "resum", "reopen", "launch")
_RETURNS: Final = ("return", "departure from", "passing", "arrival")
_PAIR: Final = 2


def answer_days(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Days of the month on which the service departs."""
    service = next(iter(subject.services), None)
    dates = [] if service is None else list_named_days(model, service)
    if not dates:
        return None
    usual = {day.day for day in dates if sum(one.day == day.day for one in dates) > 1}
    words = ", ".join(str(day) for day in sorted(usual or {dates[0].day}))
    return Answer(
        name="days of the month with a departure",
        calculation=f"The calendar names the days {words} of the month.",
        days=frozenset(usual or {day.day for day in dates}),
    )


def answer_arrival_days(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Days of the month on which trips arrive, by the day of the month of their departure."""
    service = next(iter(subject.services), "")
    trips = model.table("trips").filter(pl.col("service_id") == service)
    zone = dict(model.table("coach_services").select("service_id", "to_point").iter_rows())
    clock = model.zones.get(zone.get(service) or "")
    arrivals: dict[int, set[int]] = defaultdict(set)
    for day, at_s in trips.select("trip_date", "arrival_at_s").drop_nulls().iter_rows():
        if clock is not None:
            arrivals[day.day].add(local_day(int(at_s), model.settings.epoch, clock).day)
    if not arrivals:
        return None
    told = "; ".join(
        f"departures of day {day} arrive on day {', '.join(map(str, sorted(found)))}"
        for day, found in sorted(arrivals.items())
    )
    always = {day for found in arrivals.values() if len(found) == 1 for day in found}
    some = {day for found in arrivals.values() if len(found) > 1 for day in found}
    return Answer(
        name="days of the month with an arrival",
        calculation=f"{told[:1].upper()}{told[1:]} of the month.",
        days=frozenset(always),
        some_days=frozenset(some - always),
    )


def answer_start(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """First departure that the calendar names; that of the service back is another reading."""
    firsts = {
        service: dates[0]
        for service in _list_both_ways(model, subject)
        if (dates := list_named_days(model, service))
    }
    if not firsts:
        return None
    own = next((service for service in subject.services if service in firsts), min(firsts))
    told = "; ".join(
        f"the calendar of {name_service(model.tables, service)} begins on {day}"
        for service, day in firsts.items()
    )
    return Answer(
        name="first departure",
        calculation=f"{told[:1].upper()}{told[1:]}.",
        period=(firsts[own], firsts[own]),
        other_periods={
            f"start of {name_service(model.tables, service)}": (day, day)
            for service, day in firsts.items()
            if service != own
        },
    )


def _list_both_ways(model: Model, subject: Subject) -> list[str]:
    """Services of a subject and those back."""
    back = dict(model.table("coach_services").select("service_id", "return_service_id").iter_rows())
    return [name for one in subject.services for name in (one, back.get(one)) if name]


def _find_suspension(model: Model, subject: Subject) -> tuple[dt.date, frozenset[str]] | None:
    """First day of the rule by which a service is suspended, and the sources of the rule."""
    services = model.table("coach_services").filter(
        pl.col("service_id").is_in(_list_both_ways(model, subject))
    )
    rules = model.table("calendar_rules").filter(
        pl.col("calendar_id").is_in(services["calendar_id"].implode())
        & (pl.col("effect") == "suspended")
    )
    first = rules["valid_from"].min()
    if not isinstance(first, dt.date):
        return None
    return first, frozenset(rules["source_id"].drop_nulls().to_list())


def answer_suspended_since(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Day from which the calendar has the service suspended."""
    found = _find_suspension(model, subject)
    if found is None:
        return None
    day, sources = found
    return Answer(
        name="first day of suspension",
        calculation=f"The calendar has the service suspended from {day} at the latest.",
        period=(day.replace(day=1), day),
        set_from=sources,
    )


def answer_suspension(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Length of a suspension up to the day that the claim speaks of, or to the resumption.

    Where no calendar says since when, or from when again, other claims of the same places do.
    """
    found = _find_suspension(model, subject)
    since, since_by = None if found is None else (found[0].replace(day=1), found[0]), "the calendar"
    if since is None:
        since, since_by = _find_dated(model, subject, ("suspended since",))
    start = answer_start(model, subject, claim)
    resumed, resumed_by = (None if start is None else start.period), "the calendar"
    if resumed is None:
        resumed, resumed_by = _find_dated(model, subject, ("resumption", "service start"))
    if since is None:
        return None
    until = claim.event or claim.published or resumed
    if until is None:
        return None
    ends = until if resumed is None else tuple(min(end, resumed[1]) for end in until)
    low, high = ((ends[0] - since[1]).days * DAY_H, (ends[1] - since[0]).days * DAY_H)
    words = " to ".join(f"{hours / HOURS_PER_YEAR:.2f}" for hours in sorted({low, high}))
    again = f" Resumed on {resumed[0]} ({resumed_by})." if resumed else " No resumption is known."
    return Answer(
        name="time from suspension to resumption",
        calculation=(
            f"Suspended since {since[0]} to {since[1]} ({since_by}); up to {ends[0]} to {ends[1]}, "
            f"the time that the claim speaks of, these are {words} years.{again}"
        ),
        low=low,
        best=(low + high) / 2,
        high=high,
    )


def _find_dated(
    model: Model, subject: Subject, words: tuple[str, ...]
) -> tuple[tuple[dt.date, dt.date] | None, str]:
    """Date of the first claim about the same places whose quantity has these words."""
    for other in model.claims:
        places = set(model.find_subject(other.text("subject")).places)
        if places != set(subject.places) or not _has(other, words):
            continue
        if other.stated.period is not None:
            return other.stated.period, f"claim {other.claim_id}"
    return None, ""


def describe_states(model: Model) -> Iterator[str]:
    """For each pair of places with dated claims: what was suspended, expected, begun and seen.

    Parameters
    ----------
    model : Model
        Tables, results and the claims that stand; the study's ``as_of`` is the day that is meant.

    Yields
    ------
    str
        A sentence for each pair, in the order of the claims.
    """
    pairs: dict[object, list[Claim]] = defaultdict(list)
    for claim in model.claims:
        if claim.stated.dimension is Dimension.DATE:
            places = model.find_subject(claim.text("subject")).places
            if len(places) == _PAIR:
                pairs[frozenset(places)].append(claim)
    for claims in pairs.values():
        parts = [*_word_claims(claims, model.settings.as_of), *_word_reported(claims[0], model)]
        if parts:
            places = model.find_subject(claims[0].text("subject")).places
            names = " - ".join(_name(model, place) for place in places)
            yield f"{names}: {'; '.join(parts)}."


def _name(model: Model, point_id: str) -> str:
    """The name by which services call a place, else that of the point."""
    found = [name for name, point in model.names.items() if point == point_id]
    return min(found, key=len).capitalize() if found else name_point(model.tables, point_id)


def _word_claims(claims: Sequence[Claim], today: dt.date) -> Iterator[str]:
    """What is said of suspension, expectation and start, and what was seen of a return."""
    said: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        value = claim.text("value") or claim.text("low") or "without a date"
        if _has(claim, ("suspended",)):
            said[f"suspended since {value}"].append(claim.claim_id)
    starts = [claim for claim in claims if _has(claim, _STARTS)]
    begun = [claim for claim in starts if not _is_expected(claim, today)]
    waiting = "had been expected" if begun else "expected"
    for claim in starts:
        if claim not in begun:
            said[f"{waiting}: {claim.text('value') or 'without a date'}"].append(claim.claim_id)
    for claim in begun:
        verb = "resumed" if _has(claim, ("resum", "reopen")) else "began"
        announced = " as announced" if claim.kind is ClaimKind.PLAN else ""
        said[f"{verb} {claim.text('value')}{announced}"].append(claim.claim_id)
    yield from (f"{text} ({', '.join(ids)})" for text, ids in said.items())
    for claim in claims:
        if _has(claim, _RETURNS):
            kind = "seen" if claim.kind is ClaimKind.SIGHTING else claim.kind.value
            yield f"{claim.text('quantity')} {claim.text('value')} ({kind}, {claim.claim_id})"


def _is_expected(claim: Claim, today: dt.date) -> bool:
    period = claim.stated.period
    return period is None or period[0] > today or claim.kind is ClaimKind.FORECAST


def _word_reported(claim: Claim, model: Model) -> Iterator[str]:
    """Departures that were reported as run by then, by service."""
    names = _list_both_ways(model, model.find_subject(claim.text("subject")))
    trips = model.table("trips").filter(
        pl.col("service_id").is_in(names)
        & (pl.col("verdict") == "ran")
        & (pl.col("trip_date") <= model.settings.as_of)
    )
    days = sorted({str(day) for day in trips["trip_date"].to_list()})
    if days:
        yield f"runs reported: {', '.join(days)}"


def _has(claim: Claim, words: tuple[str, ...]) -> bool:
    quantity = fold_text(claim.text("quantity"))
    return any(word in quantity for word in words)
