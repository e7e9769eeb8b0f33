"""What the model gives for claims about a service: time, days, frequency, coaches, place, rank."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from arterial.clock import local_day
from arterial.evidence.ledger import Claim
from arterial.evidence.quantities import Dimension
from arterial.evidence.statement_verdicts import name_point, name_service, name_train
from arterial.evidence.subjects import Answer, Model, Subject
from arterial.timetable.coaches.published import write_duration
from arterial.timetable.trains.calendars import resolve_calendar
from arterial.units import DAY_S, DAYS_PER_YEAR, HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = [
    "DAY_H",
    "answer_berths",
    "answer_coaches",
    "answer_frequency",
    "answer_journey_time",
    "answer_lateness",
    "answer_place",
    "answer_rank",
    "answer_sets",
    "list_named_days",
]

SHORTEST_SPAN_DAYS: Final = 330
DAY_UNITS: Final = frozenset({"d", "day", "days"})
DAY_H: Final = DAY_S / HOUR_S
LATENESS_SHARES: Final[Mapping[str, int]] = {
    "delay_p05_min": 5,
    "delay_p25_min": 25,
    "delay_p50_min": 50,
    "delay_p75_min": 75,
    "delay_p95_min": 95,
}
ALL_TRIPS: Final = "all"


def answer_journey_time(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Elapsed time of the service's departures; its day count and its clock faces besides."""
    service = next(iter(subject.services), None)
    if service is None or _is_of_other_time(model, service, claim):
        return None
    times = model.once(_time_trips, service, subject.is_first_run)
    if times is None:
        return None
    (low, best, high), days, faces, count = times
    others = {}
    if days and claim.stated.unit in DAY_UNITS:
        least, most = min(days), max(days)
        told = f"{least}" if least == most else f"{least} to {most}"
        words = f"the coach arrives on day {told}, the day of departure being day 0"
        others["day count"] = (least * DAY_H, most * DAY_H, words)
    if faces:
        words = (
            f"the clock faces differ by {write_duration(faces[0] * MINUTE_S)}, since the clocks of "
            "both ends differ"
        )
        others["clock faces"] = (min(faces), max(faces), words)
    best_words = write_duration(best * MINUTE_S)
    return Answer(
        name="elapsed time from departure to arrival",
        calculation=(
            f"{count} departure{'s' if count > 1 else ''} of "
            f"{name_service(model.tables, service)}: {best_words} "
            f"by the best estimate, {write_duration(low * MINUTE_S)} to "
            f"{write_duration(high * MINUTE_S)} at the ends of what is not known."
        ),
        low=low,
        best=best,
        high=high,
        others=others,
    )


def _time_trips(
    model: Model,
    service: str,
    is_first: bool,  # noqa: FBT001
) -> tuple[tuple[float, float, float], list[int], list[float], int] | None:
    """Hours, days and clock-face hours of the departures not blocked, and how many they are.

    The first departure alone where that is meant.
    """
    trips = model.table("trips").filter(
        (pl.col("service_id") == service) & ~pl.col("verdict").eq_missing("does_not_work")
    )
    trips = trips.sort("trip_date").drop_nulls("elapsed_h")
    timed = trips.head(1) if is_first else trips
    if timed.is_empty():
        return None
    hours: list[float] = timed["elapsed_h"].to_list()
    low = min(timed["elapsed_low_h"].fill_null(timed["elapsed_h"]).to_list())
    high = max(timed["elapsed_high_h"].fill_null(timed["elapsed_h"]).to_list())
    days, faces = _count_days(model, timed)
    return (low, sum(hours) / len(hours), high), days, faces, timed.height


def _count_days(model: Model, trips: pl.DataFrame) -> tuple[list[int], list[float]]:
    """Days from departure to arrival by the calendars of both ends, and hours by their clocks."""
    ends = (
        model.table("trip_events")
        .group_by("trip_id")
        .agg(
            first=pl.col("utc_offset_min").sort_by("sequence").first(),
            last=pl.col("utc_offset_min").sort_by("sequence").last(),
            to_point=pl.col("point_id").sort_by("sequence").last(),
        )
    )
    days, faces = set[int](), set[float]()
    for row in trips.join(ends, on="trip_id", maintain_order="left").iter_rows(named=True):
        zone = model.zones.get(row["to_point"])
        if zone is not None and row["arrival_at_s"] is not None:
            arrival = local_day(int(row["arrival_at_s"]), model.settings.epoch, zone)
            days.add((arrival - row["trip_date"]).days)
        if None not in (row["first"], row["last"]) and row["first"] != row["last"]:
            faces.add(row["elapsed_h"] + (row["last"] - row["first"]) / MINUTE_S)
    return sorted(days), sorted(faces)


def _is_of_other_time(model: Model, service: str, claim: Claim) -> bool:
    """Whether a claim speaks of a time before the first departure that the model has."""
    if claim.held is None:
        return False
    first = model.once(_find_first_day, service)
    return isinstance(first, dt.date) and claim.held[1] < first.replace(day=1)


def _find_first_day(model: Model, service: str) -> object:
    return model.table("trips").filter(pl.col("service_id") == service)["trip_date"].min()


def answer_lateness(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Lateness at the end of the journey, as simulated; one run of many proves nothing of it."""
    service = next(iter(subject.services), "")
    rows = model.table("arrival_distributions").filter(pl.col("service_id") == service)
    of_all = rows.filter(pl.col("group_id") == ALL_TRIPS).sort("sequence").tail(1).to_dicts()
    if not of_all or any(of_all[0][column] is None for column in LATENESS_SHARES):
        return None
    hours = {share: of_all[0][name] / MINUTE_S for name, share in LATENESS_SHARES.items()}
    low, best, high = hours[5], hours[50], hours[95]
    least, most = _bound_share(hours, claim.stated.low, claim.stated.high)
    return Answer(
        name="simulated lateness on arrival",
        calculation=(
            f"Of the simulated arrivals of {name_service(model.tables, service)} half are at most "
            f"{hours[50]:.1f} h late, one in twenty at most {low:.1f} h and nineteen in twenty at "
            f"most {high:.1f} h; {least} to {most} in 100 lie in what is stated."
        ),
        low=low,
        best=best,
        high=high,
        is_example=subject.is_first_run,
    )


def _bound_share(hours: Mapping[int, float], first: float, last: float) -> tuple[int, int]:
    """Least and most arrivals in 100 between two latenesses, by the quantiles that are known."""
    below = max((share for share, hour in hours.items() if hour <= last), default=0)
    above = min((share for share, hour in hours.items() if hour > last), default=100)
    early = [share for share, hour in hours.items() if hour < first]
    next_early = min((share for share, hour in hours.items() if hour >= first), default=100)
    if first <= 0:
        return below, above
    return max(0, below - next_early), above - max(early, default=0)


def list_named_days(model: Model, service: str) -> list[dt.date]:
    """Days that the calendar of a service names, those suspended left out."""
    return model.once(_resolve_days, service)


def _resolve_days(model: Model, service: str) -> list[dt.date]:
    settings = model.settings
    calendars = dict(model.table("coach_services").select("service_id", "calendar_id").iter_rows())
    days = resolve_calendar(
        model.table("calendar_rules"),
        calendars.get(service) or "",
        settings.horizon_from,
        settings.horizon_to,
    )
    return sorted(days.filter(pl.col("effect") == "runs")["date"].to_list())


def answer_frequency(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Departures a year that the calendar names."""
    service = next(iter(subject.services), None)
    if service is None or _is_of_other_time(model, service, claim):
        return None
    dates = list_named_days(model, service)
    year = [day for day in dates if (day - dates[0]).days < round(DAYS_PER_YEAR)]
    if not year or (year[-1] - year[0]).days < SHORTEST_SPAN_DAYS:
        return None
    count = float(len(year))
    return Answer(
        name="departures a year",
        calculation=(
            f"The calendar names {len(year)} departures from {year[0]} to {year[-1]}: "
            f"{count / MONTHS_PER_YEAR:.3g} a month, {count * 7 / DAYS_PER_YEAR:.3g} a week."
        ),
        low=count - 0.01 * count,
        best=count,
        high=count + 0.01 * count,
        others={
            "both directions counted": (2 * count, 2 * count, "out and back are two departures")
        },
    )


def answer_coaches(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Through coaches of the service."""
    rows = model.table("coach_services").filter(pl.col("service_id").is_in(subject.services))
    known = rows.drop_nulls("coaches_count")
    if known.is_empty():
        return None
    count = float(known["coaches_count"][0])
    return Answer(
        name="through coaches",
        calculation=f"The study has {count:g} through coaches a departure, as given in its tables.",
        low=count,
        best=count,
        high=count,
        set_from=frozenset(known["source_id"].drop_nulls().to_list()),
    )


def answer_berths(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Berths offered on one departure, or in a year of departures where a rate is claimed."""
    rows = model.table("coach_services").filter(pl.col("service_id").is_in(subject.services))
    known = rows.drop_nulls("berths_offered")
    if known.is_empty():
        return None
    count = float(known["berths_offered"][0])
    told = f"The study offers {count:g} berths a departure, as given in its tables."
    if claim.stated.dimension is Dimension.RATE:
        departures = answer_frequency(model, subject, claim)
        if departures is None or departures.best is None:
            return None
        count *= departures.best
        told += f" {departures.calculation} That is {count:g} berths a year."
    return Answer(
        name="berths offered",
        calculation=told,
        low=count,
        best=count,
        high=count,
        set_from=frozenset(known["source_id"].drop_nulls().to_list()),
    )


def answer_sets(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Fewest coach sets that can work the trips of the service's pool."""
    services = model.table("coach_services")
    pools = services.filter(pl.col("service_id").is_in(subject.services))["pool_id"].drop_nulls()
    rows = model.table("set_requirements").filter(pl.col("pool_id").is_in(pools.implode()))
    if rows.is_empty():
        return None
    row = rows.to_dicts()[0]
    best = float(row["minimum_sets"])
    return Answer(
        name="fewest coach sets",
        calculation=f"{row['trips_count']} trips need {best:g} sets at least. {row['explanation']}",
        low=best if row["minimum_sets_low"] is None else float(row["minimum_sets_low"]),
        best=best,
        high=best if row["minimum_sets_high"] is None else float(row["minimum_sets_high"]),
        is_part=True,
    )


def answer_place(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Points at which the coach changes from one train to another in the country of the claim."""
    legs = model.table("coach_legs").filter(pl.col("service_id").is_in(subject.services))
    if legs.is_empty():
        return None
    ordered = legs.sort("service_id", "sequence").to_dicts()
    changes = [
        (after["from_point"], after["train_id"])
        for before, after in pairwise(ordered)
        if before["service_id"] == after["service_id"] and before["train_id"] != after["train_id"]
    ]
    if not changes:
        return None
    tables = model.tables
    told = "; ".join(
        f"at {name_point(tables, point)} to train {name_train(tables, train)}"
        for point, train in changes
    )
    stops = model.table("train_stops").sort("train_id", "sequence")
    named = model.names.get(re.sub(r"\s+", " ", claim.stated.text.casefold().strip()))
    hosts = [train for _, train in changes]
    ends = (
        stops.filter(pl.col("train_id").is_in(hosts))
        .group_by("train_id")
        .agg(first=pl.col("point_id").first(), last=pl.col("point_id").last())
    )
    of_train = [train for train, *both in ends.iter_rows() if named is not None and named in both]
    others = {}
    if of_train:
        words = (
            f"train {name_train(tables, of_train[0])} begins or ends there; the coach joins it "
            "elsewhere"
        )
        others["end of the train"] = (0.0, 0.0, words)
    is_there = named is not None and named in [point for point, _ in changes]
    return Answer(
        name="where the coach changes trains",
        calculation=f"The coach changes {told}.",
        text=claim.stated.text if is_there else name_point(tables, changes[-1][0]),
        others=others,
    )


def answer_rank(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Rank of a service's length among those of the study, and its stops where none are claimed."""
    lengths = model.once(_list_lengths)
    own = max((lengths.get(service, 0.0) for service in subject.services), default=0.0)
    if not own:
        return None
    longer = sorted(name for name, length in lengths.items() if length > own * 1.005)
    words = claim.text("quantity").casefold().replace("-", "").replace(" ", "")
    stops = _count_stops(model, subject.services) if "nonstop" in words else 0
    told = f"{own:.0f} km; {len(longer)} of {len(lengths)} services of the study are longer."
    if stops:
        told += f" It is not non-stop: the coach stands at {stops} points on the way."
    else:
        told += " The study holds no list of all services of the world."
    rank = float(1 + len(longer))
    # A rank among few is the best that the claim can be, never a proof of it.
    return Answer(
        name="rank by length",
        calculation=told,
        low=rank + 1 if stops else rank,
        best=None,
        high=None,
        is_part=True,
    )


def _list_lengths(model: Model) -> dict[str, float]:
    """Greatest length of each service by the events of its trips [km]."""
    events = model.table("trip_events").drop_nulls("distance_km")
    trips = model.table("trips").select("trip_id", "service_id")
    found = events.group_by("trip_id").agg(pl.col("distance_km").max()).join(trips, on="trip_id")
    grouped = found.group_by("service_id").agg(pl.col("distance_km").max())
    return dict(grouped.iter_rows())


def _count_stops(model: Model, services: Sequence[str]) -> int:
    """Points at which a trip of a service stands on the way."""
    trips = model.table("trips").filter(pl.col("service_id").is_in(services))["trip_id"].head(1)
    events = model.table("trip_events").filter(pl.col("trip_id").is_in(trips.implode()))
    return max(0, events["point_id"].n_unique() - 2)
