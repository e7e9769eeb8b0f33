"""Which columns of which tables the page is given, and how they are prepared for display.

The main function is `display_tables`. Nothing is computed here but display logic: clock texts are
replaced by offsets that the page can format, and long speed profiles are thinned.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from arterial.report.line_traffic import thin_traffic
from arterial.report.reliability import RELIABILITY_TABLES, thin_reliability
from arterial.study import Study

__all__ = ["RESULT_TABLES", "STUDY_COLUMNS", "display_tables"]

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
    "assumptions",
    *RELIABILITY_TABLES,
)
"""Result tables of the report."""

STUDY_COLUMNS: Final = {
    "operational_points": (
        "point_id",
        "name",
        "name_local",
        "name_hanja",
        "country",
        "latitude_deg",
        "longitude_deg",
        "coordinate_error_km",
        "zone",
        "kind",
        "gauges_mm",
    ),
    "sections": (
        "section_id",
        "from_point",
        "to_point",
        "gauges_mm",
        "tracks_count",
        "electrification",
    ),
    "trains": ("train_id", "number", "name"),
    "train_flows": ("flow_id", "category", "from_point", "to_point"),
    "coach_services": ("service_id", "name", "from_point", "to_point", "published_frequency"),
    "coach_pools": ("pool_id", "name"),
    "routes": ("route_id", "name", "variant_of"),
    "borders": ("border_id", "name", "point_a", "point_b"),
    "change_points": ("point_id", "kind", "from_value", "to_value", "method"),
    "vehicle_types": ("vehicle_type_id", "name"),
    "sources": (
        "source_id",
        "title",
        "publisher",
        "published_on",
        "retrieved_on",
        "reliability",
        "licence",
        "republishes",
    ),
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
    found = {name: results[name] for name in wanted if name in results}
    frames = thin_reliability(thin_traffic(found))
    if "trip_events" in frames:
        frames["trip_events"] = _with_offsets(frames["trip_events"], study.settings.epoch)
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
    return profile.sort("train_id", "position_km").filter(is_kept.fill_null(value=True))


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
