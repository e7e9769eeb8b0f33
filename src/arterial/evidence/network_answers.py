"""What the model gives for claims about the way between two places: distance, time, capacity."""

from typing import Final

import polars as pl

from arterial.errors import ArterialError
from arterial.evidence.ledger import Claim
from arterial.evidence.statement_verdicts import name_point, name_train
from arterial.evidence.subjects import Answer, Model, Subject
from arterial.network import Route, find_route
from arterial.timetable.coaches.published import write_duration
from arterial.units import DAYS_PER_YEAR, HOUR_S, MINUTE_S

__all__ = [
    "LENGTH_TOLERANCE",
    "answer_distance",
    "answer_part_length",
    "answer_run_time",
    "answer_throughput",
    "answer_tonnage",
    "answer_train_frequency",
    "find_way",
]

LENGTH_TOLERANCE: Final = 0.005
"""Share of a length by which published lengths of one route differ among themselves [1]."""

_PAIR: Final = 2
WAGON_T: Final = 65.0
"""Net load of a wagon that tonnes are turned into [t]; the middle of 60 to 70 t, assumption."""


def answer_distance(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Length of the ways between two places that the study knows, or of a line."""
    if subject.line_ids:
        return _answer_line_length(model, subject)
    if len(subject.places) != _PAIR:
        return None
    lengths = dict(model.once(_list_way_lengths, *subject.places))
    if not lengths:
        route = find_way(model, subject)
        if route is None:
            return None
        name = " - ".join(name_point(model.tables, place) for place in subject.places)
        lengths = {f"shortest way {name}": (route.length_km, route.length_error_km)}
    ends = []
    for length, error in lengths.values():
        allowed = max(error or 0.0, LENGTH_TOLERANCE * length)
        ends += [length - allowed, length + allowed]
    told = "; ".join(
        f"{name} {length:.0f} km ({'error unknown' if error is None else f'error {error:.0f} km'})"
        for name, (length, error) in lengths.items()
    )
    best = [length for length, _ in lengths.values()]
    nearest = best[0]
    if claim.stated.best is not None:
        nearest = min(best, key=lambda length: abs(length - (claim.stated.best or 0.0)))
    return Answer(
        name="length of the way",
        calculation=f"Ways of the study: {told}.",
        low=min(ends),
        best=nearest,
        high=max(ends),
        holds_within=True,
    )


def _list_way_lengths(model: Model, first: str, last: str) -> dict[str, tuple[float, float | None]]:
    """Length and error of every route of the study that has both places."""
    lines = model.table("route_lines").filter(pl.col("point_id").is_in([first, last]))
    names = dict(model.table("routes").select("route_id", "name").iter_rows())
    found: dict[str, tuple[float, float | None]] = {}
    for (route_id,), rows in lines.group_by("route_id", maintain_order=True):
        places = {row["point_id"]: row for row in rows.iter_rows(named=True)}
        if len(places) != _PAIR:
            continue
        length = abs(places[first]["distance_km"] - places[last]["distance_km"])
        errors = [row["distance_error_km"] for row in places.values()]
        error = None if None in errors else max(errors)
        # Ways that differ nowhere between the places are one.
        same = next((name for name, known in found.items() if known[0] == length), None)
        if same is None:
            found[str(names.get(str(route_id)) or route_id)] = (length, error)
    return found


def _answer_line_length(model: Model, subject: Subject) -> Answer | None:
    rows = model.table("lines").filter(pl.col("line_id").is_in(subject.line_ids))
    known = rows.drop_nulls("length_km").to_dicts()
    if not known:
        return None
    lows = [row["length_low_km"] or row["length_km"] for row in known]
    highs = [row["length_high_km"] or row["length_km"] for row in known]
    told = "; ".join(f"{row['name']} {row['length_km']:g} km" for row in known)
    tolerance = LENGTH_TOLERANCE * known[0]["length_km"]
    return Answer(
        name="length of the line",
        calculation=f"Lines of the study: {told}.",
        low=min(lows) - tolerance,
        best=known[0]["length_km"],
        high=max(highs) + tolerance,
        holds_within=True,
        set_from=frozenset(row["source_id"] for row in known if row["source_id"]),
    )


def answer_part_length(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """A part of a way, such as its tunnels, can be no longer than the way."""
    whole = answer_distance(model, subject, claim)
    if whole is None or whole.high is None:
        return None
    words = f"{whole.calculation} A part of it cannot be longer than the whole."
    return Answer(name="length of the whole way", calculation=words, high=whole.high, is_bound=True)


def find_way(model: Model, subject: Subject) -> Route | None:
    """Shortest way between the two places of a subject; None where there is none."""
    return model.once(_find_way, subject.places)


def _find_way(model: Model, places: tuple[str, ...]) -> Route | None:
    if model.network is None or len(places) != _PAIR:
        return None
    try:
        return find_route(model.network, places)
    except ArterialError:
        return None


def answer_run_time(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Time of the stated trains between two places, stops included, with the range of running."""
    return model.once(_time_trains, subject.places) if len(subject.places) == _PAIR else None


def _time_trains(model: Model, places: tuple[str, str]) -> Answer | None:
    first, last = places
    here = pl.col("point_id").is_in([first, last])
    times: dict[str, tuple[float, float, float]] = {}
    for row in (
        model.table("train_times")
        .filter(here)
        .sort("train_id", "pattern")
        .partition_by("train_id", "pattern")
    ):
        stops = {stop["point_id"]: stop for stop in row.iter_rows(named=True)}
        begin, end = stops.get(first), stops.get(last)
        if begin is None or end is None or None in (begin["departure_s"], end["arrival_s"]):
            continue
        best = (end["arrival_s"] - begin["departure_s"]) / HOUR_S
        if best > 0:
            low, high = _spread(model, begin["train_id"], best, (first, last))
            times[begin["train_id"]] = (low, best, high)
    if not times:
        return None
    told = "; ".join(
        f"train {name_train(model.tables, train)} {write_duration(best * MINUTE_S)} "
        f"({write_duration(low * MINUTE_S)} to {write_duration(high * MINUTE_S)})"
        for train, (low, best, high) in times.items()
    )
    best = sorted(time[1] for time in times.values())[len(times) // 2]
    shift_h = model.find_clock_shift_h(first, last, model.settings.horizon_from)
    faces = best + shift_h
    words = f"the clocks of both places differ by {shift_h:+g} h"
    return Answer(
        name="time of stated trains",
        calculation=f"Between the two places: {told}.",
        low=min(time[0] for time in times.values()),
        best=best,
        high=max(time[2] for time in times.values()),
        others={"clock faces": (faces, faces, words)} if shift_h else {},
        is_example=True,
    )


def _spread(
    model: Model, train_id: str, best_h: float, places: tuple[str, str]
) -> tuple[float, float]:
    """Least and greatest hours, by the calibrated running times on the sections of the train."""
    runs = model.table("section_runs").filter(pl.col("train_id") == train_id).sort("sequence")
    names = ("calibrated_low_s", "calibrated_s", "calibrated_high_s")
    rows = runs.drop_nulls(names)
    if rows.is_empty():
        return best_h, best_h
    starts, ends = rows["from_point"].to_list(), rows["to_point"].to_list()
    if places[0] in starts and places[1] in ends:
        begin, end = starts.index(places[0]), ends.index(places[1])
        rows = rows[begin : end + 1] if end >= begin else rows
    low, middle, high = (float(rows[name].sum()) / HOUR_S for name in names)
    return max(0.0, best_h - (middle - low)), best_h + (high - middle)


def answer_train_frequency(model: Model, subject: Subject, _claim: Claim) -> Answer | None:
    """Trains of flows that run between two places, of one direction."""
    if len(subject.places) != _PAIR:
        return None
    ends = set(subject.places)
    flows = [
        row
        for row in model.table("train_flows").iter_rows(named=True)
        if {row["from_point"], row["to_point"]} == ends and row["trains_per_day"] is not None
    ]
    if not flows:
        return None
    count = sum(row["trains_per_day"] for row in flows) * DAYS_PER_YEAR
    return Answer(
        name="trains of the flows stated",
        calculation=f"The study states {count / DAYS_PER_YEAR:g} trains a day each way.",
        low=count,
        best=count,
        high=count,
        set_from=frozenset(row["source_id"] for row in flows if row["source_id"]),
    )


def answer_tonnage(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """What a tonnage would be on each freight train of the flows at its places; no verdict."""
    places = set(subject.places)
    flows = [
        row
        for row in model.table("train_flows").iter_rows(named=True)
        if places
        and row["category"] == "freight"
        and row["trains_per_day"]
        and places & {row["from_point"], row["to_point"]}
    ]
    if not flows:
        return None
    row = max(flows, key=lambda flow: float(flow["trains_per_day"]))
    trains = float(row["trains_per_day"]) * DAYS_PER_YEAR
    tonnes = claim.stated.figure
    ends = " - ".join(name_point(model.tables, row[end]) for end in ("from_point", "to_point"))
    return Answer(
        name="freight trains of the flows stated",
        calculation=(
            f"The study assumes {row['trains_per_day']:g} freight trains a day each way on {ends}, "
            f"{trains:.0f} a year. {tonnes:.0f} t, if of one year, are {tonnes / trains:.0f} t net "
            f"on each, or {tonnes / WAGON_T / trains:.1f} wagons of {WAGON_T:g} t; what a train "
            "carries is not in the study."
        ),
    )


def answer_throughput(model: Model, subject: Subject, claim: Claim) -> Answer | None:
    """Pairs of trains a day that the narrowest stretch between two places can carry."""
    route = find_way(model, subject)
    ids = [] if route is None else list(route.section_ids)
    rows = model.table("section_capacity").filter(pl.col("section_id").is_in(ids))
    rows = rows.drop_nulls("pairs_per_day")
    if rows.is_empty():
        return None
    row = rows.sort("pairs_per_day").to_dicts()[0]
    low, best, high = (row[f"pairs_per_day{end}"] for end in ("_low", "", "_high"))
    told = (
        f"The narrowest stretch, {name_point(model.tables, row['from_point'])} - "
        f"{name_point(model.tables, row['to_point'])}, carries {best:.1f} pairs a day "
        f"({low:.1f} to {high:.1f})"
    )
    if claim.stated.dimension.value != "a year":
        stated = claim.stated.figure
        needed = stated / (best * DAYS_PER_YEAR)
        words = f"{told}; the figure would be {needed:.0f} t net on every train of one direction."
        return Answer(name="pairs of trains a day", calculation=words)
    return Answer(
        name="pairs of trains a day",
        calculation=f"{told}.",
        low=low * DAYS_PER_YEAR,
        best=best * DAYS_PER_YEAR,
        high=high * DAYS_PER_YEAR,
        others={
            "trains of both directions": (
                2 * low * DAYS_PER_YEAR, 2 * high * DAYS_PER_YEAR, "a pair is two trains"
            )
        },
    )  # fmt: skip
