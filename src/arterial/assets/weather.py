"""Storms and what they wash out: embankments of one region fail in the same rain.

Main functions: `simulate_storms` and `simulate_washouts`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from arterial.assets.embankments import failure_probability
from arterial.assets.failures import season_factors
from arterial.assets.parameters import ParameterSet
from arterial.randomness import stream

__all__ = ["simulate_storms", "simulate_washouts"]

_KIND: Final = "embankment"
_DAYS_PER_YEAR: Final = 365.25
_STORM_SCHEMA: Final = {
    "region": pl.String(),
    "replication": pl.Int64(),
    "day": pl.Int64(),
    "rain_mm": pl.Float64(),
}


def simulate_storms(
    regions: Sequence[str],
    parameters: ParameterSet,
    *,
    first_day: dt.date,
    days_count: int,
    replications: Sequence[int],
    seed: int,
    draw: int = 0,
) -> pl.DataFrame:
    """Days of heavy rain of each region, more of them in the months of the monsoon.

    On each day a region has a storm with chance 1 - exp(-r f / 365.25): r storms a year, f the
    season factor of the month for embankments. The rain in 24 h is lognormal.

    Parameters
    ----------
    regions : sequence of str
        Regions whose storms are independent of each other.
    parameters : ParameterSet
        Storms a year, their rain, and the seasons.
    first_day : datetime.date
        First day of the simulated span.
    days_count : int
        Days of the span.
    replications : sequence of int
        Numbers of the replications; each has its own stream for each region, so that neither
        other regions nor other replications change it.
    seed, draw : int
        Seed of the study and number of the draw, not negative.

    Returns
    -------
    polars.DataFrame
        Columns ``region``, ``replication``, ``day`` (days from the first) and ``rain_mm`` [mm in
        24 h], one row a storm.
    """
    days = [first_day + dt.timedelta(days=day) for day in range(days_count)]
    by_month = season_factors(_KIND, parameters)
    factor = np.array([by_month[day.month - 1] for day in days])
    per_year = parameters.value("storms_per_year", kind=_KIND)
    chance = -np.expm1(-per_year * factor / _DAYS_PER_YEAR)
    median_mm = parameters.value("storm_rain_mm", kind=_KIND)
    spread = parameters.value("storm_rain_spread", kind=_KIND)
    parts = []
    for region in regions:
        for replication in replications:
            random = stream(seed, f"weather/storms/{region}/{replication}", draw)
            hit = np.flatnonzero(random.random(days_count) < chance)
            rain_mm = median_mm * np.exp(spread * random.standard_normal(hit.size))
            parts.append(
                pl.DataFrame({"day": hit, "rain_mm": rain_mm}).select(
                    pl.lit(region).alias("region"),
                    pl.lit(replication, dtype=pl.Int64).alias("replication"),
                    pl.col("day").cast(pl.Int64),
                    "rain_mm",
                )
            )
    return pl.concat(parts) if parts else pl.DataFrame(schema=_STORM_SCHEMA)


def simulate_washouts(
    states: pl.DataFrame,
    storms: pl.DataFrame,
    region_of_section: Mapping[str, str],
    parameters: ParameterSet,
    *,
    seed: int,
    draw: int = 0,
) -> pl.DataFrame:
    """Embankments that fail in simulated storms.

    Every embankment of a region meets the same rain; each kilometre fails with the chance that
    the fragility of its state gives, independently of the others. Over many years the failures
    are those of `arterial.assets.embankments.embankment_failure_rate`, but they come together.

    Parameters
    ----------
    states : polars.DataFrame
        Table ``asset_states``; rows of kind ``embankment`` are read.
    storms : polars.DataFrame
        What `simulate_storms` gives.
    region_of_section : mapping of str to str
        Region of each section; embankments of other sections are dry.
    parameters : ParameterSet
        Fragility.
    seed, draw : int
        Seed of the study and number of the draw.

    Returns
    -------
    polars.DataFrame
        Columns ``asset_id``, ``region``, ``replication`` and ``day``, one row a failure, in the
        order of storms, then assets.
    """
    region = pl.col("section_id").replace_strict(region_of_section, default=None)
    length_km = (pl.col("to_offset_m") - pl.col("from_offset_m")) / 1_000.0
    exposed = states.filter(pl.col("kind") == _KIND).select(
        "asset_id",
        "state",
        region.alias("region"),
        (length_km.fill_null(1.0) * pl.col("units_count")).alias("length_km"),
    )
    parts = []
    for name, replication, day, rain_mm in storms.select(list(_STORM_SCHEMA)).iter_rows():
        hit = exposed.filter(pl.col("region") == name)
        if hit.is_empty():
            continue
        per_km = failure_probability(rain_mm, hit["state"].to_numpy(), parameters)
        chance = -np.expm1(hit["length_km"].to_numpy() * np.log1p(-np.minimum(per_km, 1 - 1e-12)))
        random = stream(seed, f"weather/washouts/{name}/{replication}/{day}", draw)
        failed = hit.filter(pl.Series(random.random(hit.height) < chance))
        parts.append(
            failed.select(
                "asset_id",
                "region",
                pl.lit(replication, dtype=pl.Int64).alias("replication"),
                pl.lit(day, dtype=pl.Int64).alias("day"),
            )
        )
    schema = {"asset_id": pl.String(), "region": pl.String()}
    counts = {"replication": pl.Int64(), "day": pl.Int64()}
    return pl.concat(parts) if parts else pl.DataFrame(schema={**schema, **counts})
