"""The section of the whole timetable: what the page is given of all stated trains.

The main function is `build_timetable`. Nothing is given where no train has times, so that the page
of a study without trains of its own stays as it is.

Trains of a regular timetable repeat each other, and one train repeats itself from clock change to
clock change: `pack_times` gives a profile (points, running times, stays) once, and each train and
pattern names its profile, its begin and its days.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from arterial.clock import utc_offset_min
from arterial.report.encoding import encode_table
from arterial.report.timetable_answer import describe_timetable, name_places
from arterial.study import Study
from arterial.units import DAY_S

__all__ = ["TIMETABLE_TABLES", "build_timetable", "list_offsets", "pack_times"]

IS_STOP: Final = 1
IS_COMPUTED: Final = 2
"""Bits of the column ``flags`` of a profile."""
KEY: Final = ("train_id", "pattern")
Integers = npt.NDArray[np.int64]
TIMETABLE_TABLES: Final = ("train_runs", "train_patterns", "train_times", "timetable_conflicts")
"""Result tables of all stated trains that the section is made from."""
TRAIN_COLUMNS: Final = (
    "train_id",
    "number",
    "category",
    "mode",
    "reason",
    "from_point",
    "to_point",
    "stops_count",
    "distance_km",
    "days_count",
    "first_day",
    "departure",
    "journey_min",
    "conflicts_count",
)
CONFLICT_COLUMNS: Final = (
    "kind",
    "is_impossible",
    "basis",
    "train_id",
    "other_train_id",
    "other_train_ids",
    "point_id",
    "from_point",
    "to_point",
    "place",
    "first_day",
    "days_count",
    "from_at_s",
    "to_at_s",
    "missing_s",
    "cure",
)
LISTED_CONFLICTS: Final = 3000
"""Conflicts that the page is given; the result table holds all."""
JOURNEY_DAYS: Final = 40
"""Days after the horizon on which a train of it may still run."""


def build_timetable(study: Study, results: Mapping[str, pl.DataFrame]) -> dict[str, Any] | None:
    """Give what the section of the whole timetable shows, ready for JSON.

    Parameters
    ----------
    study : Study
        The study, for lines, names and zones.
    results : mapping of str to DataFrame
        Result tables by name.

    Returns
    -------
    dict or None
        ``answer`` (sentences), ``day_shift_s`` from the study epoch to the horizon's first day,
        ``trains``, ``points``, ``zones``, ``lines``, ``line_points``, the parts of
        :func:`arterial.report.timetable_section.pack_times`, ``conflicts`` and how many of them
        were left out, and where trains were simulated ``punctuality`` by station and hour and
        ``causes`` by train; None where no train has times.
    """
    needed = [results.get(name) for name in TIMETABLE_TABLES[:3]]
    if any(frame is None or frame.is_empty() for frame in needed):
        return None
    settings = study.settings
    runs, patterns, times = (results[name] for name in TIMETABLE_TABLES[:3])
    conflicts = results.get("timetable_conflicts")
    shown = None if conflicts is None else _list_conflicts(study, conflicts)
    points = _list_points(study, times, shown)
    zones = points["zone"].unique(maintain_order=True)
    horizon = (settings.horizon_from, settings.horizon_to)
    return {
        "answer": list(describe_timetable(study, results)),
        "day_shift_s": (settings.horizon_from - settings.epoch).days * DAY_S,
        "trains": encode_table(runs.select(TRAIN_COLUMNS)),
        "points": encode_table(points.with_columns(_place_of("zone", zones))),
        "zones": [
            {"name": zone, **list_offsets(zone, *horizon, epoch=settings.epoch)}
            for zone in zones.to_list()
        ],
        **_list_lines(study, points["point_id"]),
        **pack_times(times, patterns, runs["train_id"], points["point_id"]),
        "conflicts": None if shown is None else encode_table(shown),
        "conflicts_left_out": 0
        if conflicts is None
        else max(conflicts.height - LISTED_CONFLICTS, 0),
        **_list_punctuality(results, points["point_id"], runs["train_id"]),
    }


def list_offsets(zone: str, first: date, last: date, *, epoch: date) -> dict[str, list[int]]:
    """Give the offsets of a zone over a span of days: from which second on which one holds.

    Parameters
    ----------
    zone : str
        IANA zone.
    first, last : date
        Days of the span; some days before and after are added for trains that run over its ends.
    epoch : date
        Study epoch, midnight UTC.

    Returns
    -------
    dict
        ``at_s`` instants since the study epoch, ascending, and ``offset_min`` beside them.

    Examples
    --------
    Clocks in Berlin go forward on 29 March 2026 at 01:00 UTC.

    >>> list_offsets("Europe/Berlin", date(2026, 3, 20), date(2026, 4, 1), epoch=date(2026, 3, 29))
    {'at_s': [-950400, 3600], 'offset_min': [60, 120]}
    """
    days = range((first - epoch).days - 2, (last - epoch).days + JOURNEY_DAYS)
    at_s = [days[0] * DAY_S]
    offsets = [utc_offset_min(at_s[0], epoch, zone)]
    for day in days[1:]:
        offset = utc_offset_min(day * DAY_S, epoch, zone)
        if offset != offsets[-1]:
            at_s.append(_find_change(zone, (day - 1) * DAY_S, day * DAY_S, epoch))
            offsets.append(offset)
    return {"at_s": at_s, "offset_min": offsets}


def _find_change(zone: str, before_s: int, after_s: int, epoch: date) -> int:
    """First second of the new offset between two instants with different ones."""
    old = utc_offset_min(before_s, epoch, zone)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if utc_offset_min(middle_s, epoch, zone) == old:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s


def _list_conflicts(study: Study, conflicts: pl.DataFrame) -> pl.DataFrame:
    """Conflicts with their place in words, the impossible first, then as the table numbers them."""
    placed = conflicts.with_columns(place=name_places(study, conflicts))
    if placed.schema["other_train_ids"].is_nested():
        placed = placed.with_columns(pl.col("other_train_ids").list.join(";"))
    return (
        placed.sort("is_impossible", "conflict_id", descending=[True, False], nulls_last=True)
        .head(LISTED_CONFLICTS)
        .select(CONFLICT_COLUMNS)
    )


def _list_punctuality(
    results: Mapping[str, pl.DataFrame], point_ids: pl.Series, train_ids: pl.Series
) -> dict[str, Any]:
    """Punctuality by station and hour, and the delay of trains by cause; nothing where none is."""
    found = {}
    stations, causes = results.get("station_punctuality"), results.get("line_causes")
    if stations is not None and not stations.is_empty():
        shown = stations.select(
            _place_of("point_id", point_ids).alias("point"),
            "hour",
            "arrivals_count",
            "delay_mean_min",
            "punctual_share",
        )
        found["punctuality"] = encode_table(shown.drop_nulls("point"))
        found["tolerance_min"] = stations["limit_min"][0]
    if causes is not None and not causes.is_empty():
        named = causes.select(
            _place_of("train_key", train_ids).alias("train"), "cause", "primary_min", "knock_on_min"
        )
        found["causes"] = encode_table(named.drop_nulls("train"))
    return found


def _list_points(study: Study, times: pl.DataFrame, conflicts: pl.DataFrame | None) -> pl.DataFrame:
    """Points where a train passes or a conflict lies, with name and zone, in the study's order."""
    used = [times["point_id"]]
    if conflicts is not None:
        used += [conflicts[column] for column in ("point_id", "from_point", "to_point")]
    named = pl.concat([column.cast(pl.String).rename("point_id") for column in used])
    points = study.table("operational_points").select("point_id", "name", "zone")
    return points.filter(pl.col("point_id").is_in(named.drop_nulls().unique().implode()))


def _place_of(column: str, values: pl.Series) -> pl.Expr:
    """Each value as its place in a list; null where it is not among them."""
    places = pl.int_range(len(values), eager=True)
    return pl.col(column).replace_strict(values, places, default=None, return_dtype=pl.Int64)


def _list_lines(study: Study, point_ids: pl.Series) -> dict[str, Any]:
    """Lines that pass at least two of the points, and their points by distance."""
    along = (
        study.table("line_points")
        .sort("line_id", "sequence")
        .select("line_id", _place_of("point_id", point_ids).alias("point"), "location_km")
        .drop_nulls("point")
        .filter(pl.len().over("line_id") > 1)
    )
    names = study.table("lines").select("line_id", "name")
    lines = along.select("line_id").unique(maintain_order=True)
    lines = lines.join(names, on="line_id", how="left", maintain_order="left")
    line_points = along.with_columns(_place_of("line_id", lines["line_id"]).alias("line"))
    return {
        "lines": encode_table(lines),
        "line_points": encode_table(
            line_points.select("line", "point", km=pl.col("location_km").round(2))
        ),
    }


def pack_times(
    times: pl.DataFrame, patterns: pl.DataFrame, train_ids: pl.Series, point_ids: pl.Series
) -> dict[str, Any]:
    """Give the times of all trains as profiles and courses, in compact columns.

    Parameters
    ----------
    times : polars.DataFrame
        Table ``train_times``; a row with neither arrival nor departure is left out.
    patterns : polars.DataFrame
        Table ``train_patterns``.
    train_ids, point_ids : polars.Series
        Ids by their place in the tables that the page is given.

    Returns
    -------
    dict
        ``profiles``: the number of rows of each; ``passings``, the rows of all profiles: ``point``
        (place in `point_ids`), ``run_s`` since the departure before, ``stay_s``, ``flags``;
        ``courses``: ``train`` (place in `train_ids`), ``profile``, ``begin_s`` from 00:00 UTC of
        the operating day, ``days`` (place in ``day_texts``); ``day_texts``, one sign a day of the
        horizon.
    """
    rows = _order_rows(times, train_ids, point_ids)
    passings = _relate_to_begin(rows)
    firsts = _find_firsts(rows)
    counts = np.diff(np.append(firsts, len(passings)))
    profile_of_course, kept = _find_profiles(passings, firsts, counts)
    courses = (
        rows.select(*KEY, "train", begin_s="arrive_s")[firsts]
        .with_columns(pl.Series("profile", profile_of_course, dtype=pl.Int64))
        .join(patterns.select(*KEY, "days"), on=list(KEY), how="left", maintain_order="left")
        .with_columns(pl.col("days").fill_null(""))
    )
    day_texts = courses["days"].unique(maintain_order=True)
    places = pl.int_range(len(day_texts), eager=True)
    is_shown = np.isin(np.arange(len(firsts)), kept).repeat(counts)
    return {
        "profiles": {"rows": len(kept), "columns": {"count": {"v": counts[kept].tolist()}}},
        "passings": _encode_passings(passings[is_shown]),
        "courses": encode_table(
            courses.select(
                "train",
                "profile",
                "begin_s",
                pl.col("days").replace_strict(day_texts, places, return_dtype=pl.Int64),
            )
        ),
        "day_texts": day_texts.to_list(),
    }


def _order_rows(times: pl.DataFrame, train_ids: pl.Series, point_ids: pl.Series) -> pl.DataFrame:
    """Rows in the order of trains, patterns and points, with ids as places and no gaps in time."""
    trains = pl.DataFrame(
        {"train_id": train_ids, "train": pl.int_range(len(train_ids), eager=True)}
    )
    points = pl.DataFrame(
        {"point_id": point_ids, "point": pl.int_range(len(point_ids), eager=True)}
    )
    return (
        times.with_columns(
            arrive_s=pl.coalesce("arrival_s", "departure_s").cast(pl.Int64),
            leave_s=pl.coalesce("departure_s", "arrival_s").cast(pl.Int64),
            flags=pl.col("is_stop").fill_null(value=False) * IS_STOP
            + (pl.col("basis") == "computed").fill_null(value=False) * IS_COMPUTED,
        )
        .drop_nulls("arrive_s")
        .join(trains, on="train_id", how="inner")
        .join(points, on="point_id", how="inner")
        .sort("train", "pattern", "sequence")
    )


def _relate_to_begin(rows: pl.DataFrame) -> Integers:
    """Passings as whole numbers ``(n, 4)``: point, run since the last departure, stay, flags."""
    run = (pl.col("arrive_s") - pl.col("leave_s").shift(1).over(KEY)).fill_null(0)
    columns = rows.select(
        pl.col("point").cast(pl.Int64),
        run_s=run,
        stay_s=pl.col("leave_s") - pl.col("arrive_s"),
        flags=pl.col("flags").cast(pl.Int64),
    )
    # Rows one after the other in memory, so that the bytes of a course stand together.
    return np.ascontiguousarray(columns.to_numpy())


def _find_firsts(rows: pl.DataFrame) -> Integers:
    """First row of each course ``(n_courses,)``."""
    starts = rows.select(
        pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in KEY).fill_null(
            value=True
        )
    ).to_series()
    return np.flatnonzero(starts.to_numpy()).astype(np.int64)


def _find_profiles(
    passings: Integers, firsts: Integers, counts: Integers
) -> tuple[list[int], list[int]]:
    """Profile of each course, and the course that each profile is taken from."""
    places: dict[bytes, int] = {}
    kept: list[int] = []
    profile_of_course = []
    # Bytes are compared whole, so that no two profiles can be taken for one.
    for course, (first, count) in enumerate(zip(firsts.tolist(), counts.tolist(), strict=True)):
        place = places.setdefault(passings[first : first + count].tobytes(), len(kept))
        if place == len(kept):
            kept.append(course)
        profile_of_course.append(place)
    return profile_of_course, kept


def _encode_passings(passings: Integers) -> dict[str, Any]:
    point, run_s, stay_s, flags = passings.T
    columns = {
        # Neighbours along a line stand side by side, so the differences are short.
        "point": {"i": np.diff(point, prepend=0).tolist()},
        "run_s": {"v": run_s.tolist()},
        "stay_s": {"v": stay_s.tolist()},
        "flags": {"v": flags.tolist()},
    }
    return {"rows": len(passings), "columns": columns}
