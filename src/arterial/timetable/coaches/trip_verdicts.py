"""One state of each departure: a verdict, hand-overs and findings that agree with each other.

Findings come from many sides: hosts, connections, coach sets, trains that cannot run as stated.
:func:`settle_departures` judges each departure from all of them, and lets a source that reports a
departure as run stand above them. Main functions: :func:`settle_departures`,
:func:`judge_departure`, :func:`find_missed_announcements` and :func:`find_unrunnable_hosts`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.clock import local_day
from arterial.study import split_list
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = [
    "BLOCK",
    "NOTE",
    "WARN",
    "find_missed_announcements",
    "find_unrunnable_hosts",
    "judge_departure",
    "settle_departures",
]

BLOCK: Final = "block"
WARN: Final = "warn"
NOTE: Final = "note"

REPORTED: Final = "past_reported"
RAN_ALL_THE_SAME: Final = {
    BLOCK: "The departure is reported as run: what the study says of this place is incomplete or "
    "wrong.",
    WARN: "The departure is reported as run: the risk did not come true, or did not stop it.",
}
CONFLICT_WORDS: Final = {
    "opposing": "meets another train head-on on a single track",
    "catching_up": "runs into another train on the way",
    "too_fast": "is stated faster than line and train allow",
}


def judge_departure(status: str, severities: Collection[str], *, is_known: bool) -> str:
    """Verdict of a departure.

    Parameters
    ----------
    status : str
        As in the table ``trips``.
    severities : collection of str
        Of the findings on it.
    is_known : bool
        Whether its times and all its connections are known.

    Returns
    -------
    str
        Verdict of the table ``trips``; a departure that is reported as run ``ran``, whatever the
        findings.

    Examples
    --------
    >>> judge_departure("planned", {"warn"}, is_known=True)
    'at_risk'
    >>> judge_departure("past_reported", {"block"}, is_known=True)
    'ran'
    """
    if status == REPORTED:
        return "ran"
    if status == "suspended":
        return "unknown"
    if BLOCK in severities:
        return "does_not_work"
    if not is_known:
        return "unknown"
    return "at_risk" if WARN in severities else "works"


def settle_departures(
    trips: pl.DataFrame, connections: pl.DataFrame, findings: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Judge each departure from all findings on it.

    Parameters
    ----------
    trips, connections : polars.DataFrame
        Tables of that name.
    findings : polars.DataFrame
        All findings, whatever they come from.

    Returns
    -------
    dict of str to polars.DataFrame
        ``trips`` with verdicts and counts, ``connections`` whose hand-overs of a departure that
        ran are ``made``, ``findings`` of such a departure as notes.
    """
    ran = trips.filter(pl.col("status") == REPORTED)
    keys = ["service_id", "trip_date"]
    told = findings.with_columns(
        is_overruled=pl.struct(keys).is_in(ran.select(pl.struct(keys)).to_series().implode())
        & (pl.col("severity") != NOTE)
    ).with_columns(
        severity=pl.when("is_overruled").then(pl.lit(NOTE)).otherwise("severity"),
        consequence=pl.when("is_overruled")
        .then(pl.col("severity").replace_strict(RAN_ALL_THE_SAME, default=None))
        .otherwise("consequence"),
    )
    found: dict[tuple[Any, Any], list[str]] = {}
    for service_id, day, severity in told.select(*keys, "severity").iter_rows():
        found.setdefault((service_id, day), []).append(severity)
    unknown = set(connections.filter(pl.col("verdict") == "unknown")["trip_id"].to_list())
    verdicts, counts = [], []
    for row in trips.iter_rows(named=True):
        on_it = found.get((row["service_id"], row["trip_date"]), [])
        is_timed = None not in {row["departure_at_s"], row["arrival_at_s"]}
        is_known = is_timed and row["trip_id"] not in unknown
        verdicts.append(judge_departure(row["status"], on_it, is_known=is_known))
        counts.append(len(on_it))
    is_made = pl.col("trip_id").is_in(ran["trip_id"].to_list())
    return {
        "trips": trips.with_columns(
            verdict=pl.Series(verdicts, dtype=pl.String),
            findings_count=pl.Series(counts, dtype=pl.Int64),
        ),
        "connections": connections.with_columns(
            verdict=pl.when(is_made).then(pl.lit("made")).otherwise("verdict")
        ),
        "findings": told.select(findings.columns),
    }


ROUNDING_MIN: Final = 3.0
"""How much shorter than a true time an announced duration is as printed to a tenth of an hour."""


def find_missed_announcements(
    trips: pl.DataFrame, tables: Mapping[str, pl.DataFrame], epoch: date
) -> Iterator[dict[str, Any]]:
    """Find the departures that miss what is announced of their arrival even at the kindest times.

    Parameters
    ----------
    trips : polars.DataFrame
        Departures with the earliest arrival and the shortest time on the way.
    tables : mapping of str to polars.DataFrame
        ``coach_services`` and ``operational_points``.
    epoch : date
        Study epoch, midnight UTC.

    Yields
    ------
    dict
        Row of ``findings`` of kind ``published_arrival_differs``, a ``block``.
    """
    zones = dict(tables["operational_points"].select("point_id", "zone").iter_rows())
    services = {row["service_id"]: row for row in tables["coach_services"].iter_rows(named=True)}
    for trip in trips.filter(pl.col("status") != "suspended").iter_rows(named=True):
        service = services[trip["service_id"]]
        hours, day = service["announced_duration_h"], service["announced_arrival_day"]
        least_h, comes_s = trip["elapsed_low_h"], trip["arrival_low_at_s"]
        if day is not None and comes_s is not None:
            here = local_day(comes_s, epoch, zones[service["to_point"]])
            if (comes := (here - trip["trip_date"]).days) > day:
                words = f"Announced is arrival on day {day}; the coach comes on day {comes}"
                yield _missed(trip, service, words, "announced_arrival_day")
        short_h = 0.0 if hours is None or least_h is None else least_h - hours
        if short_h * HOUR_S > ROUNDING_MIN * MINUTE_S:
            words = f"Announced are {hours:.2f} h; the coach takes {least_h:.2f} h"
            yield _missed(trip, service, words, "announced_duration_h")


def _missed(
    trip: Mapping[str, Any], service: Mapping[str, Any], words: str, column: str
) -> dict[str, Any]:
    return {
        "finding_id": f"{trip['trip_id']}:published_arrival_differs:{column}",
        "service_id": trip["service_id"],
        "trip_date": trip["trip_date"],
        "kind": "published_arrival_differs",
        "severity": BLOCK,
        "train_id": None,
        "point_id": service["to_point"],
        "cause": f"{words} at the earliest.",
        "consequence": "The announcement cannot be kept, even if nothing goes wrong.",
        "cure": f"Correct {column} in coach_services, or the times of its hosts.",
    }


def find_unrunnable_hosts(
    trips: pl.DataFrame,
    trip_events: pl.DataFrame,
    timetable_conflicts: pl.DataFrame,
    train_runs: pl.DataFrame,
    train_times: pl.DataFrame,
) -> Iterator[dict[str, Any]]:
    """Find the departures whose hosts cannot run as they are stated.

    Parameters
    ----------
    trips, trip_events : polars.DataFrame
        Departures and where their coach is on which host.
    timetable_conflicts, train_runs, train_times : polars.DataFrame
        Stated trains held against the line and each other.

    Yields
    ------
    dict
        Row of ``findings`` of kind ``host_cannot_run``: ``block`` on the days of the conflict,
        ``warn`` where only their number is known.
    """
    impossible = timetable_conflicts.filter("is_impossible")
    if impossible.is_empty():
        return
    days = dict(train_runs.select("train_id", "days_count").iter_rows())
    places = _list_places(trip_events, train_times)
    due = trips.filter(pl.col("status") != "suspended").sort("trip_date", maintain_order=True)
    span = (due["trip_date"][-1] - due["trip_date"][0]).days + 1 if due.height else 0
    for trip in trips.filter(pl.col("status") != "suspended").iter_rows(named=True):
        seen: set[str] = set()
        for conflict in impossible.iter_rows(named=True):
            for train_id in (conflict["train_id"], *split_list(conflict["other_train_ids"])):
                since = _count_days_since(conflict, places.get((trip["trip_id"], train_id), {}))
                if train_id in seen or since is None:
                    continue
                of_days = days.get(conflict["train_id"]) or 0
                is_sure = _happens_on(conflict, since, of_days, is_daily=of_days >= span)
                if is_sure is None:
                    continue
                seen.add(train_id)
                yield _unrunnable(trip, train_id, conflict, of_days, is_sure=is_sure)


def _happens_on(
    conflict: Mapping[str, Any], since: int, of_days: int, *, is_daily: bool
) -> bool | None:
    """Whether a conflict surely happens so many days after its first one; None = it does not."""
    count, signs = conflict["days_count"], conflict["days"]
    if signs:
        return True if 0 <= since < len(signs) and signs[since] == "1" else None
    # Of some days that are not listed it is on the first so many from its first on.
    if count < of_days and (since < 0 or (is_daily and since >= count)):
        return None
    return count >= of_days or is_daily


def _list_places(
    trip_events: pl.DataFrame, train_times: pl.DataFrame
) -> dict[tuple[str, str], dict[str, int]]:
    """When the host of each departure is first at each point up to where the coach leaves it [s].

    What happens to a host before the coach boards it makes the coach late too.
    """
    places: dict[tuple[str, str], dict[str, int]] = {}
    for trip_id, train_id, point_id, at_s in (
        trip_events.drop_nulls("at_s")
        .sort("trip_id", "sequence")
        .select("trip_id", "train_id", "point_id", "at_s")
        .iter_rows()
    ):
        places.setdefault((trip_id, train_id), {}).setdefault(point_id, at_s)
    courses: dict[str, dict[str, int]] = {}
    hosts = train_times.filter(
        pl.col("train_id").is_in({train_id for _, train_id in places}), pattern=0
    )
    for train_id, point_id, at_s in hosts.select("train_id", "point_id", "departure_s").iter_rows():
        courses.setdefault(train_id, {}).setdefault(point_id, at_s)
    for (_, train_id), passed in places.items():
        course = courses.get(train_id, {})
        ridden = [point for point in passed if point in course]
        if not ridden:
            continue
        later_s, last_s = passed[ridden[0]] - course[ridden[0]], course[ridden[-1]]
        for point_id, at_s in course.items():
            if at_s <= last_s:
                passed.setdefault(point_id, at_s + later_s)
    return places


def _count_days_since(conflict: Mapping[str, Any], passed: Mapping[str, int]) -> int | None:
    """Days from the first conflict to when a departure is there; None where it never is.

    Counted from instant to instant: days of operation of two trains that meet after midnight, or of
    a host that is boarded on its second day, are not the same.
    """
    if conflict["point_id"]:
        at_s = passed.get(conflict["point_id"])
    else:
        at_s = passed.get(conflict["from_point"])
        # A coach that leaves its host before the section is not on it.
        if conflict["to_point"] not in passed and at_s == max(passed.values(), default=None):
            return None
    return None if at_s is None else round((at_s - conflict["from_at_s"]) / DAY_S)


def _unrunnable(
    trip: Mapping[str, Any],
    train_id: str,
    conflict: Mapping[str, Any],
    of_days: int,
    *,
    is_sure: bool,
) -> dict[str, Any]:
    words = CONFLICT_WORDS.get(conflict["kind"], "cannot run beside another train")
    count = conflict["days_count"]
    how_often = "every day" if count >= of_days else f"{count} of its {of_days} days"
    return {
        "finding_id": f"{trip['trip_id']}:host_cannot_run:{train_id}",
        "service_id": trip["service_id"],
        "trip_date": trip["trip_date"],
        "kind": "host_cannot_run",
        "severity": BLOCK if is_sure else WARN,
        "train_id": train_id,
        "point_id": conflict["point_id"] or conflict["from_point"],
        "cause": f"Train {train_id} {words} on {how_often} (conflict {conflict['conflict_id']}).",
        "consequence": "The host cannot be run as it is stated, and the coach with it.",
        "cure": conflict["cure"],
    }
