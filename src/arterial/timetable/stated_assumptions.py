"""What conflicts of stated trains take on trust; main function `list_assumptions`."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from arterial.study import conform_table, empty_table
from arterial.study.defaults import make_assumption
from arterial.timetable.paths.stated_conflicts import StatedTraffic

__all__ = ["list_assumptions"]

UNKNOWN_TRACKS: Final = (
    (
        "station_tracks",
        "operational_points",
        "not judged",
        (
            "The tracks of {} of {} points that trains pass are unknown: how many trains stand "
            "there at once is not judged."
        ),
    ),
    (
        "section_tracks",
        "sections",
        "1",
        (
            "The tracks of {} of {} sections that trains run over are unknown: they count as "
            "single track."
        ),
    ),
)


MISSING_FACES: Final = (
    "{} stated times never show, for clocks are set forward: they are taken with the offset before "
    "the change, and repetitions of paced trains that would leave then do not run that day."
)


RAISED_TRACKS: Final = (
    "Points of one track or none with more running through them have those, half of them for each "
    "direction unless lines meet there: {}. State station_tracks where the number is right."
)

MOST_NAMED: Final = 8
"""Points that are named; of the others the number is told."""


def list_assumptions(tables: Mapping[str, pl.DataFrame], traffic: StatedTraffic) -> pl.DataFrame:
    """What is unknown of tracks that trains use and of their times, and how it was taken.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``operational_points``, ``sections`` and ``throat_exclusions``.
    traffic : StatedTraffic
        The trains.

    Returns
    -------
    DataFrame
        As the table ``assumptions``.
    """
    courses = traffic.passings.courses
    points = {traffic.model.point_ids[point] for point in set(courses.point.tolist())}
    steps = {
        traffic.model.steps[step].section_id for step in set(courses.step.tolist()) if step >= 0
    }
    listed = {traffic.model.point_ids[number] for number in traffic.model.station_tracks}
    unknown = {
        name: tables[table].filter(
            pl.col(key).is_in(sorted(used - listed)) & pl.col("tracks_count").is_null()
        )
        for name, table, key, used in (
            ("station_tracks", "operational_points", "point_id", points),
            ("section_tracks", "sections", "section_id", steps),
        )
    }
    counts = {"station_tracks": len(points), "section_tracks": len(steps)}
    rows = [
        make_assumption(
            f"timetable:{name}",
            "default",
            f"{table}.tracks_count",
            value,
            reason=text.format(unknown[name].height, counts[name]),
            uses=unknown[name].height,
        )
        for name, table, value, text in UNKNOWN_TRACKS
        if unknown[name].height
    ]
    rows += _list_raised(tables, traffic, points - listed)
    rows += _list_times(tables, traffic)
    if not rows:
        return empty_table("assumptions")
    return conform_table("assumptions", pl.DataFrame(rows, infer_schema_length=None))


def _list_raised(
    tables: Mapping[str, pl.DataFrame], traffic: StatedTraffic, points: set[str]
) -> Iterator[dict[str, object]]:
    """Points of one track or none at sections with more."""
    stated = tables["operational_points"].select("point_id", "tracks_count").drop_nulls()
    raised = [
        f"{point} ({count}, taken as {taken})"
        for point, count in stated.sort("point_id").iter_rows()
        if point in points
        and (taken := traffic.model.tracks_count[traffic.model.point_numbers[point]])
        > max(count, 1)
    ]
    if raised:
        more = f" and {len(raised) - MOST_NAMED} more" if len(raised) > MOST_NAMED else ""
        yield make_assumption(
            "timetable:raised_tracks",
            "default",
            "operational_points.tracks_count",
            "as the sections",
            reason=RAISED_TRACKS.format(", ".join(raised[:MOST_NAMED]) + more),
            uses=len(raised),
        )


def _list_times(
    tables: Mapping[str, pl.DataFrame], traffic: StatedTraffic
) -> Iterator[dict[str, object]]:
    """Times that stand in for those that are not stated or never show."""
    unclear = tables["throat_exclusions"].filter(pl.col("clear_min").is_null())
    if unclear.height:
        yield make_assumption(
            "timetable:throats",
            "default",
            "throat_exclusions.clear_min",
            f"{traffic.model.rules.track_release_s} s",
            reason="Least time between two trains whose ways cross in a throat.",
            uses=unclear.height,
        )
    if traffic.missing_faces.height:
        yield make_assumption(
            "timetable:missing_faces",
            "default",
            "train_stops.departure",
            "offset before the change",
            reason=MISSING_FACES.format(traffic.missing_faces.height),
            uses=traffic.missing_faces.height,
        )
