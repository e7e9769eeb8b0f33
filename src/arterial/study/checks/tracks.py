"""Station tracks and possessions: what is named is there, and something is closed."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from arterial.errors import Fault
from arterial.study.checks.sections import trace_sections
from arterial.study.faults import WARNING, find_near_names, shorten_text
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.settings import Settings
from arterial.study.tables import split_list
from arterial.units import DAY_S, MINUTE_S

__all__ = ["CHECKS", "check_horizon"]

Names = Mapping[str, Sequence[str]]


def _check_station_tracks(tables: CheckedTables) -> list[Fault]:
    """Find tracks reached from sections that do not touch their point, and counts that differ."""
    sections: dict[str, tuple[str, ...]] = {
        record["section_id"]: ()
        for record in tables.records("sections")
        if record["section_id"] is not None
    }
    traces = {trace.section["section_id"]: trace.points for trace in trace_sections(tables)}
    sections |= {name: points for name, points in traces.items() if name in sections}
    faults = [
        fault
        for record in tables.records("station_tracks")
        for name in split_list(record["section_ids"])
        if (fault := _check_reach(record, name, sections)) is not None
    ]
    listed = _list_tracks(tables)
    for point in tables.records("operational_points"):
        own, count = listed.get(point["point_id"], ()), point["tracks_count"]
        if own and count is not None and count != len(own):
            cause = f"{count} tracks are stated, and {len(own)} in station_tracks."
            cure = "List every track on which trains can stand, or leave tracks_count empty."
            faults.append(point.fault(cause, cure, "tracks_count"))
    return faults


def _check_reach(record: Record, name: str, sections: Names) -> Fault | None:
    """A section that a station track is reached from: it is there and touches the point."""
    cure = "Name sections that touch the point."
    if name not in sections:
        cause = f"There is no section {shorten_text(name)!r}."
        near = find_near_names(name, sections)
        return replace(record.fault(cause, cure, "section_ids"), near=near)
    if record["point_id"] not in sections[name]:
        cause = f"Section {name} does not touch {record['point_id']}."
        return record.fault(cause, cure, "section_ids")
    return None


def _check_signals(tables: CheckedTables) -> list[Fault]:
    """Find signals beyond the end of their section."""
    sections = tables.index("sections", "section_id")
    faults = []
    for signal in tables.records("signals"):
        section = sections.get(signal["section_id"])
        length_km = None if section is None else section["length_km"]
        if None not in (length_km, signal["position_km"]) and signal["position_km"] > length_km:
            cause = f"It stands at {signal['position_km']:g} km of a section of {length_km:g} km."
            cure = "Count from from_point of the section, or correct its length."
            faults.append(signal.fault(cause, cure, "position_km"))
    return faults


def _check_throat_exclusions(tables: CheckedTables) -> list[Fault]:
    """Find ways over sections that do not touch their point, or onto tracks it does not have."""
    listed = _list_tracks(tables)
    traces = {trace.section["section_id"]: trace.points for trace in trace_sections(tables)}
    faults: list[Fault] = []
    for record in tables.records("throat_exclusions"):
        for side in ("", "other_"):
            column, names = f"{side}section_id", split_list(record[f"{side}track_ids"])
            points = traces.get(record[column])
            if points is not None and record["point_id"] not in points:
                cause = f"Section {record[column]} does not touch {record['point_id']}."
                faults.append(record.fault(cause, "Name a section that touches it.", column))
            faults.extend(_find_unknown_tracks(record, names, listed, f"{side}track_ids"))
        ways = [(record[f"{one}section_id"], record[f"{one}track_ids"]) for one in ("", "other_")]
        if ways[0] == ways[1] and None not in (ways[0][0], ways[1][0]):
            cause = "Both ways are the same; trains on one section are kept apart as it is."
            cure = "Name the other section or tracks, or remove the row."
            faults.append(record.fault(cause, cure, "other_section_id", severity=WARNING))
    return faults


def _check_headways(tables: CheckedTables) -> list[Fault]:
    """Find rows of headways that state no interval."""
    columns = ("headway_min", "following_min", "crossing_min")
    cure = f"Give one of {', '.join(columns)}, or remove the row."
    return [
        record.fault(
            "The row states no interval, so it binds nothing.",
            cure,
            "headway_min",
            severity=WARNING,
        )
        for record in tables.records("headways")
        if all(record[column] is None for column in columns)
    ]


def _check_stop_tracks(tables: CheckedTables) -> list[Fault]:
    """Find stops on tracks that their point does not have."""
    listed = _list_tracks(tables)
    return [
        fault
        for record in tables.records("train_stops")
        if record["track_id"] is not None
        for fault in _find_unknown_tracks(record, (record["track_id"],), listed, "track_id")
    ]


def _check_possessions(tables: CheckedTables) -> list[Fault]:
    """Find possessions that close nothing, or more than there is."""
    listed = _list_tracks(tables)
    counts = {
        record["point_id"]: record["tracks_count"]
        for record in tables.records("operational_points")
    }
    counts |= {point: len(own) for point, own in listed.items()}
    traces = {trace.section["section_id"]: trace.points for trace in trace_sections(tables)}
    faults: list[Fault] = []
    for record in tables.records("possessions"):
        if record["section_id"] is None:
            faults.extend(_check_closed_point(record, counts, listed))
        else:
            faults.extend(_check_closed_section(record, traces))
    return faults


def _check_closed_point(
    record: Record, counts: Mapping[str, int | None], listed: Names
) -> Iterator[Fault]:
    if record["point_id"] is None:
        cause = "The possession names neither a section nor a point, so it closes nothing."
        yield record.fault(cause, "Give section_id, or point_id with its tracks.", "section_id")
        return
    named = split_list(record["track_ids"])
    yield from _find_unknown_tracks(record, named, listed, "track_ids")
    known, closed = counts.get(record["point_id"]), record["tracks_count"]
    if closed is not None and named and closed != len(named):
        cause = f"{closed} tracks are closed, and {len(named)} are named."
        yield record.fault(cause, "Leave tracks_count empty.", "tracks_count")
    elif closed is not None and known is not None and closed > max(known, 1):
        cause = f"{closed} tracks are closed, but {record['point_id']} has {known}."
        yield record.fault(cause, "Correct the number; empty = all.", "tracks_count")


def _check_closed_section(record: Record, traces: Names) -> Iterator[Fault]:
    points = traces.get(record["section_id"])
    if points is None:
        return
    ends = [record["from_point"] or points[0], record["to_point"] or points[-1]]
    for column, end in zip(("from_point", "to_point"), ends, strict=True):
        if end not in points:
            cause = f"{end} does not lie on section {record['section_id']}."
            yield record.fault(cause, f"It passes {', '.join(points[:8])}.", column)
            return
    if ends[0] == ends[1]:
        cause = f"The closed stretch begins and ends at {ends[0]}, so nothing is closed."
        yield record.fault(cause, "Give its two ends, or leave both empty.", "to_point")
    if record["point_id"] is not None or record["track_ids"] is not None:
        cause = "A section and a point are named; the section alone is closed."
        cure = "Write a row of its own for the tracks of the point."
        yield record.fault(cause, cure, "point_id", severity=WARNING)


def _find_unknown_tracks(
    record: Record, names: Sequence[str], listed: Names, column: str
) -> Iterator[Fault]:
    own = listed.get(record["point_id"], ())
    for name in names:
        if name not in own:
            cause = f"{record['point_id']} has no track {shorten_text(name)!r}."
            cure = f"It has {', '.join(own[:8])}." if own else "List its tracks in station_tracks."
            yield record.fault(cause, cure, column)


def _list_tracks(tables: CheckedTables) -> dict[str, list[str]]:
    """Tracks of each point that lists them."""
    found: dict[str, list[str]] = {}
    for record in tables.records("station_tracks"):
        if None not in (record["point_id"], record["track_id"]):
            found.setdefault(record["point_id"], []).append(record["track_id"])
    return found


def check_horizon(tables: CheckedTables, settings: Settings) -> list[Fault]:
    """Find possessions that end before the horizon or begin behind it, and calendars without days.

    Parameters
    ----------
    tables : CheckedTables
        All input tables as read.
    settings : Settings
        Settings of the study.

    Returns
    -------
    list of Fault
        Warnings; only calendars that trains or possessions use are looked at.
    """
    span = f"{settings.horizon_from} to {settings.horizon_to}"
    faults = []
    for record in tables.records("possessions"):
        first, last = record["first_day"], record["last_day"]
        # To the end of the day on which it ends, whenever it begins.
        lasts = dt.timedelta(days=1 + (record["duration_min"] or 0.0) * MINUTE_S // DAY_S)
        is_over = last is not None and last + lasts < settings.horizon_from
        if is_over or (first is not None and first > settings.horizon_to):
            cause = f"The possession lies outside the horizon, {span}: it closes nothing."
            cure = "Correct its days, or the horizon in study.toml."
            column = "last_day" if is_over else "first_day"
            faults.append(record.fault(cause, cure, column, severity=WARNING))
    used = {
        record["calendar_id"]
        for table in ("trains", "possessions")
        for record in tables.records(table)
    }
    for name, rules in tables.group("calendar_rules", "calendar_id", "sequence").items():
        if name in used and not any(_names_days(rule, settings) for rule in _find_valid(rules)):
            cause = f"No rule of the calendar names a day of the horizon, {span}, that runs."
            cure = "Correct its rules, or the horizon in study.toml."
            faults.append(rules[0].fault(cause, cure, "days", severity=WARNING))
    return faults


def _find_valid(rules: Sequence[Record]) -> Sequence[Record]:
    """Rules behind the last one that overrides all before it."""
    for number in range(len(rules) - 1, -1, -1):
        rule = rules[number]
        is_bounded = rule["valid_from"] is not None or rule["valid_to"] is not None
        if rule["pattern"] == "daily" and not is_bounded:
            return rules[number:]
    return rules


def _names_days(rule: Record, settings: Settings) -> bool:
    """Whether a rule may name a day of the horizon on which something runs."""
    if rule["effect"] in {"does_not_run", "suspended"}:
        return False
    first, last = settings.horizon_from, settings.horizon_to
    if (rule["valid_from"] or first) > last or (rule["valid_to"] or last) < first:
        return False
    days = split_list(rule["days"])
    return rule["pattern"] != "dates" or any(str(first) <= day <= str(last) for day in days)


CHECKS: Final[tuple[Check, ...]] = (
    _check_station_tracks,
    _check_signals,
    _check_throat_exclusions,
    _check_headways,
    _check_stop_tracks,
    _check_possessions,
)
"""Checks of this file, in the order in which their faults are told."""
