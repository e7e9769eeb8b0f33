"""Which columns of which tables the page is given, and how they are prepared for display.

The main function is `display_tables`. Nothing is computed here but display logic: clock texts are
replaced by offsets that the page can format, and long speed profiles are thinned.
"""

import json
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any, Final, cast

import polars as pl

from arterial.report.line_traffic import thin_traffic
from arterial.report.reliability import RELIABILITY_TABLES, thin_reliability
from arterial.study import Study
from arterial.study.schema import TableRole, list_tables

__all__ = ["PAGE_ROWS", "RESULT_TABLES", "STUDY_COLUMNS", "display_tables"]

RESULT_TABLES: Final = (
    "trips",
    "trip_events",
    "connections",
    "findings",
    "section_runs",
    "speed_profile",
    "route_lines",
    "route_variants",
    "compatibility_checks",
    "coach_turns",
    "set_requirements",
    "set_availability",
    "locomotive_availability",
    "section_capacity",
    "crossings",
    "crossing_delays",
    "conflicts",
    "train_paths",
    "path_occupations",
    "statement_checks",
    "claim_checks",
    "assumptions",
    *RELIABILITY_TABLES,
)
"""Result tables of the report."""

PAGE_ROWS: Final[dict[str, dict[str, Any]]] = json.loads(
    (files("arterial.report") / "rows.json").read_text("utf-8")
)
"""Tables of the page by the name of their row type; ``web/build/rows.mjs`` reads it too."""

STUDY_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    row["table"]: tuple(row["of"][row["table"]])
    for row in PAGE_ROWS.values()
    if row["table"] in list_tables(TableRole.INPUT)
}
"""Study tables that give names, places and sources."""

PROFILE_BUCKETS: Final = 1000
"""Stretches into which a long way is cut; the extremes of speed in each are drawn."""

OFFSET_STEP_MIN: Final = 15
"""Clocks have differed by whole quarters of an hour throughout the years studied."""

SECONDS_A_MINUTE: Final = 60
CLOCK_TEXTS: Final = ("local_time", "reference_time", "utc_time")
POINT_REFERENCES: Final = (
    ("trip_events", "point_id"),
    ("route_lines", "point_id"),
    ("section_runs", "from_point"),
    ("section_runs", "to_point"),
    ("findings", "point_id"),
    ("coach_turns", "point_id"),
    ("train_paths", "point_id"),
    ("crossings", "point_id"),
    ("section_capacity", "from_point"),
    ("section_capacity", "to_point"),
    ("handover_risks", "point_id"),
    ("arrival_distributions", "point_id"),
)


def display_tables(
    study: Study, results: Mapping[str, pl.DataFrame], *, tables: frozenset[str] | None = None
) -> dict[str, pl.DataFrame]:
    """Give the tables that the page shows, with the columns it reads.

    Parameters
    ----------
    study : Study
        The study, for names, places and sources.
    results : mapping of str to DataFrame
        Result tables by name; one that is missing has no rows.
    tables : frozenset of str or None
        Result tables to give; None gives all.

    Returns
    -------
    dict of str to DataFrame
        Tables without rows are left out.
    """
    wanted = [name for name in RESULT_TABLES if tables is None or name in tables]
    frames_by_name = {name: results[name] for name in wanted if name in results}
    frames = thin_reliability(thin_traffic(frames_by_name))
    if "trip_events" in frames:
        frames["trip_events"] = _with_offsets(frames["trip_events"], study.settings.epoch)
    if "section_runs" in frames:
        # Thousands of trains are looked at through the timetable; here are those with coaches.
        hosts = study.table("coach_legs")["train_id"].unique().implode()
        frames["section_runs"] = frames["section_runs"].filter(pl.col("train_id").is_in(hosts))
    if "speed_profile" in frames:
        frames["speed_profile"] = thin_profiles(frames["speed_profile"])
    for name, columns in STUDY_COLUMNS.items():
        frames[name] = study.table(name).select(columns)
    frames["operational_points"] = _named_points(frames)
    if tables is not None:
        del frames["sources"]
    return {name: frame for name, frame in frames.items() if not frame.is_empty()}


def thin_profiles(profile: pl.DataFrame) -> pl.DataFrame:
    """Speed profiles thinned for drawing: first row, slowest, fastest and steepest of each stretch.

    Parameters
    ----------
    profile : polars.DataFrame
        Table ``speed_profile``.

    Returns
    -------
    polars.DataFrame
        The same columns; ways with few rows are given whole.
    """
    ordered = profile.sort("train_id", "position_km")
    lengths = profile["train_id"].value_counts()["count"]
    if lengths.is_empty() or cast("int", lengths.max()) <= 2 * PROFILE_BUCKETS:
        return ordered
    position = pl.col("position_km")
    length = (position.max() - position.min()).over("train_id")
    share = (position - position.min().over("train_id")) / length
    bucket = (share * PROFILE_BUCKETS).floor().fill_nan(0)
    group = ["train_id", bucket]
    speed, gradient = pl.col("speed_kmh"), pl.col("gradient_permille").abs()
    row = pl.int_range(pl.len())
    changes = pl.any_horizontal(
        *(
            (pl.col(name) != pl.col(name).shift(1)).fill_null(value=False).over("train_id")
            for name in (
                "electrification",
                "limit_kmh",
                "gradient_bound_permille",
                "gradient_basis",
            )
        )
    )
    is_kept = (
        (pl.len().over("train_id") <= 2 * PROFILE_BUCKETS)
        | (row == row.first()).over(group)
        | (row == row.get(speed.arg_min())).over(group)
        | (row == row.get(speed.arg_max())).over(group)
        | (row == row.get(gradient.arg_max())).over(group)
        | changes
    )
    return ordered.filter(is_kept.fill_null(value=True))


def _with_offsets(events: pl.DataFrame, epoch: date) -> pl.DataFrame:
    """Replace clock texts by the offset of the reference clock [min]."""
    reference = pl.col("reference_time").str.to_datetime("%Y-%m-%d %H:%M", strict=False)
    since_epoch_s = (reference - pl.lit(epoch).cast(pl.Datetime("us"))).dt.total_seconds()
    steps = (since_epoch_s - pl.col("at_s")) / (OFFSET_STEP_MIN * SECONDS_A_MINUTE)
    offset = (steps.round() * OFFSET_STEP_MIN).cast(pl.Int64).alias("reference_offset_min")
    return events.with_columns(offset).drop(CLOCK_TEXTS).sort("trip_id", "sequence")


def _named_points(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Operational points that some other table names; a study holds many that no page shows."""
    references = [
        *POINT_REFERENCES,
        ("sections", "from_point"),
        ("sections", "to_point"),
        ("coach_services", "from_point"),
        ("coach_services", "to_point"),
        ("borders", "point_a"),
        ("borders", "point_b"),
        ("change_points", "point_id"),
    ]
    named = {
        point_id
        for table, column in references
        if table in frames
        for point_id in frames[table][column].drop_nulls().unique().to_list()
    }
    return frames["operational_points"].filter(pl.col("point_id").is_in(sorted(named)))
