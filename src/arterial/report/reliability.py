"""Tables of simulated operations as the page shows them: what is listed, drawn and summed up.

The main function is `thin_reliability`. A study may hold thousands of assets and a distribution for
every departure; the page is given the rows that it lists, and one row for all others so that sums
still hold.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from arterial.units import HOUR_S, LARGEST_ERROR, MINUTE_S

__all__ = ["RELIABILITY_TABLES", "thin_reliability"]

RELIABILITY_TABLES: Final = (
    "arrival_distributions",
    "punctuality",
    "handover_risks",
    "rotation_risks",
    "buffer_values",
    "delay_causes",
    "line_delays",
    "asset_states",
    "asset_effects",
    "derailment_risks",
    "simulation_runs",
)
"""Result tables of simulated operations that the report reads."""

GROUPS: Final = ("works", "all")
"""Groups of departures that every section offers; the others are single trips and months."""

LISTED_CAUSES: Final = 10
FIRST_CAUSES: Final = 10
"""Causes without parts that are always given, however deep they lie."""

PART_DEPTH: Final = 2
"""Depth of the parts of a kind, below the whole and the kinds."""

LISTED_ASSETS: Final = 40
FIGURES: Final = 4
DRAWN_ASSETS: Final = 150
LISTED_STRETCHES: Final = 12
LISTED_SECTIONS: Final = 15

MINUTES_AN_HOUR: Final = HOUR_S / MINUTE_S
OTHERS: Final = "others"
QUANTILES: Final = ("05", "25", "50", "75", "95")
DELAYS: Final = tuple(f"delay_p{quantile}_min" for quantile in QUANTILES)
STATE_COLUMNS: Final = (
    "asset_id",
    "latitude_deg",
    "longitude_deg",
    "from_offset_m",
    "to_offset_m",
    "units_count",
    "is_generated",
    "age_y",
    "track_class",
    "speed_limit_kmh",
    "closes_line",
    "basis",
)


def thin_reliability(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Tables of simulated operations with what is shown of them.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Result tables by name; those of other subjects are given back as they are.

    Returns
    -------
    dict of str to DataFrame
        Distributions and hand-overs of the two groups; ``trip_delays``, the quantiles of each trip;
        causes, sections and assets with the rows that are listed; ``asset_places`` for the map,
        ``asset_kinds`` and ``asset_sections``, sums over all assets of a kind, and by section.
    """
    is_ours = set(RELIABILITY_TABLES)
    thinned = {
        name: frame for name, frame in frames.items() if name not in is_ours or not frame.is_empty()
    }
    distributions = thinned.get("arrival_distributions")
    if distributions is not None:
        is_group = pl.col("group_id").is_in(GROUPS)
        thinned["arrival_distributions"] = distributions.filter(is_group).drop("planned_at_s")
        thinned["trip_delays"] = distributions.filter(~is_group).select(
            "group_id", "point_id", "event", *(pl.col(name).round(0) for name in DELAYS)
        )
    if "handover_risks" in thinned:
        is_group = pl.col("group_id").is_in(GROUPS)
        thinned["handover_risks"] = thinned["handover_risks"].filter(is_group)
    if "delay_causes" in thinned:
        thinned["delay_causes"] = keep_main_causes(thinned["delay_causes"])
    if "derailment_risks" in thinned:
        thinned["derailment_risks"] = _round_rates(keep_main_sections(thinned["derailment_risks"]))
    states, effects = thinned.pop("asset_states", None), thinned.pop("asset_effects", None)
    if states is not None and effects is not None:
        thinned |= list_worst_assets(states, effects)
    return thinned


def keep_main_causes(causes: pl.DataFrame) -> pl.DataFrame:
    """Causes of the two groups: kinds, of each its greatest parts, and the rest of it as one.

    Parameters
    ----------
    causes : polars.DataFrame
        Table ``delay_causes``.

    Returns
    -------
    polars.DataFrame
        The whole, its kinds and their parts; below these only what is among the first causes. The
        parts of a kind sum to what they sum to in the whole table. The range of a rest is unknown,
        since the ends of ranges do not add up.
    """
    of_groups = causes.filter(pl.col("group_id").is_in(GROUPS))
    tree = ["service_id", "group_id"]
    marked = _with_depth(of_groups)
    parts = marked.filter(pl.col("depth") == PART_DEPTH)
    is_sure = pl.col("delay_min_error") <= LARGEST_ERROR * pl.col("delay_min").abs()
    is_first = (pl.col("rank") <= FIRST_CAUSES) & is_sure.fill_null(value=True)
    first = marked.filter(is_first)
    of_first = (
        pl.concat(
            [
                first.select(*tree, pl.col(name)).rename({name: "cause_id"})
                for name in ("cause_id", "parent_id")
            ]
        )
        .with_columns(is_first=True)
        .unique()
    )
    keys = [*tree, "parent_id"]
    place = pl.col("delay_min").rank("ordinal", descending=True).over(keys)
    is_listed = (place <= LISTED_CAUSES) & is_sure.fill_null(value=True)
    listed = parts.join(of_first, on=[*tree, "cause_id"], how="left").with_columns(
        is_rest=~is_listed & pl.col("is_first").is_null()
    )
    # A rest of one cause would say less than the cause itself.
    is_rest = pl.col("is_rest") & (pl.col("is_rest").sum().over(keys) > 1)
    listed = listed.with_columns(is_rest=is_rest)
    above = marked.filter(pl.col("depth") < PART_DEPTH)
    below = marked.filter((pl.col("depth") > PART_DEPTH) & is_first)
    shown = [above, listed.filter(~pl.col("is_rest")), _join_rest(listed.filter("is_rest")), below]
    return pl.concat(shown, how="diagonal").select(causes.columns)


def _with_depth(causes: pl.DataFrame) -> pl.DataFrame:
    """Depth of each cause in its tree: 0 the whole, 1 kinds, 2 their parts, 3 deeper."""
    tree = ["service_id", "group_id"]
    depth = pl.when(pl.col("parent_id").is_null()).then(0).otherwise(None)
    marked = causes.with_columns(depth=depth.cast(pl.Int64))
    for _ in range(PART_DEPTH):
        known = marked.select(*tree, parent_id="cause_id", above="depth")
        joined = marked.join(known, on=[*tree, "parent_id"], how="left", maintain_order="left")
        marked = joined.with_columns(depth=pl.coalesce("depth", pl.col("above") + 1)).drop("above")
    return marked.with_columns(pl.col("depth").fill_null(PART_DEPTH + 1))


def _join_rest(rest: pl.DataFrame) -> pl.DataFrame:
    """One row for the parts of a kind that are not listed."""
    keys = ["service_id", "group_id", "parent_id", "cause"]
    sums = ("delay_min", "primary_min", "knock_on_min", "share")
    counted = rest.group_by(keys, maintain_order=True).agg(
        pl.len().alias("count"), *(_sum_known(name) for name in sums)
    )
    return counted.with_columns(
        cause_id=pl.format("{}:{}:{}", "parent_id", "cause", pl.lit(OTHERS)),
        name=pl.format("{} others", "count"),
    ).drop("count")


def keep_main_sections(risks: pl.DataFrame) -> pl.DataFrame:
    """Sections with most derailments, and all others as one row without a section."""
    ordered = risks.sort("derailments_per_year", descending=True, nulls_last=True)
    rest = ordered.slice(LISTED_SECTIONS)
    if rest.height <= 1:
        return ordered
    sums = [name for name in ordered.columns if name.endswith("_per_year") or "_per_year_" in name]
    joined = rest.select(_sum_known(name) for name in sums)
    return pl.concat([ordered.head(LISTED_SECTIONS), joined], how="diagonal")


def list_worst_assets(states: pl.DataFrame, effects: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Assets that cost most delay: listed whole, drawn as places, and summed by kind.

    Parameters
    ----------
    states : polars.DataFrame
        Table ``asset_states``.
    effects : polars.DataFrame
        Table ``asset_effects``.

    Returns
    -------
    dict of str to DataFrame
        ``worst_assets``, ``asset_places``, ``asset_kinds`` and ``asset_sections``, the sums of a
        kind on a section; ``delay_h`` is hours a year of all trains, primary, knock-on and by
        restrictions.
    """
    parts = [f"{part}_delay_min_per_year" for part in ("primary", "knock_on", "restriction")]
    is_known = pl.any_horizontal(pl.col(name).is_not_null() for name in parts)
    delay_h = pl.when(is_known).then(pl.sum_horizontal(parts) / MINUTES_AN_HOUR)
    known = [name for name in STATE_COLUMNS if name in states.columns]
    joined = effects.join(states.select(known), on="asset_id", how="left")
    ranked = joined.with_columns(delay_h=delay_h).sort("rank", nulls_last=True)
    located = ranked.drop_nulls(["rank", "latitude_deg", "longitude_deg"]).filter(
        pl.col("delay_h") > 0
    )
    places = located.head(DRAWN_ASSETS).select(
        "kind",
        "section_id",
        "rank",
        pl.col("latitude_deg").round(3),
        pl.col("longitude_deg").round(3),
        "is_generated",
        pl.col("delay_h").round(1),
        pl.col("failures_per_year").round(2),
    )
    return {
        "worst_assets": _round_rates(ranked.drop_nulls("rank").head(LISTED_ASSETS)),
        "asset_places": places,
        "asset_kinds": _round_rates(_sum_assets(ranked, "kind")),
        "asset_sections": _round_rates(
            _sum_assets(ranked, "section_id", "kind").head(LISTED_STRETCHES)
        ),
    }


def _sum_known(name: str) -> pl.Expr:
    """Sum of what is known; unknown where nothing is."""
    # polars sums nothing to 0, which would turn an unknown into a nought.
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def _round_rates(frame: pl.DataFrame) -> pl.DataFrame:
    """Rates rounded to the figures that count, since small ones would be lost to fixed decimals."""
    rates = [name for name in frame.columns if "_per_year" in name and frame[name].dtype.is_float()]
    return frame.with_columns(pl.col(name).round_sig_figs(FIGURES) for name in rates)


def _sum_assets(ranked: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Assets, failures, delay and derailments by some keys, those with most delay first."""
    sums = (
        "primary_delay_min_per_year",
        "knock_on_delay_min_per_year",
        "restriction_delay_min_per_year",
        "failures_per_year",
        "derailments_per_year_low",
        "derailments_per_year",
        "derailments_per_year_high",
        "delay_h",
    )
    return (
        ranked.group_by(keys)
        .agg(
            pl.len().alias("assets_count"),
            pl.col("is_generated").sum().alias("generated_count"),
            pl.col("units_count").sum(),
            *(_sum_known(name) for name in sums),
        )
        .sort("delay_h", *keys, descending=[True, *(False for _ in keys)], nulls_last=True)
    )
