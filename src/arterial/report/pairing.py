"""Differences of two runs trip by trip, where both met the same chances.

Main functions: `is_paired`, `pair_punctuality`, `pair_times`. Common random numbers cancel what
both runs share, so that the error of a difference is far below that of either figure.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from arterial.units import HOUR_S, MINUTE_S

__all__ = ["is_paired", "pair_punctuality", "pair_times", "summarise_pairs"]

SAME: Final = ("draws_count", "replications_count", "seed", "parameter_set")
"""What has to agree for one trip of both runs to have met the same chances."""

KEYS: Final = ["draw", "replication", "trip_id"]
LOW: Final = 0.05
HIGH: Final = 0.95


def is_paired(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> bool:
    """Whether both runs hold simulated trips of the same draws, replications and seed."""
    rows = []
    for results in (before, after):
        runs, trips = results.get("simulation_runs"), results.get("simulated_trips")
        if runs is None or trips is None or trips.is_empty():
            return False
        coach_runs = runs.filter(pl.col("simulation_id") == "coaches")
        if coach_runs.is_empty():
            return False
        rows.append(coach_runs.select(SAME).row(0))
    return bool(rows[0] == rows[1])


def pair_punctuality(
    before: Mapping[str, pl.DataFrame],
    after: Mapping[str, pl.DataFrame],
    compared: pl.DataFrame,
) -> pl.DataFrame:
    """Differences of the share in time over all trips that both runs simulated.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        Tables ``simulated_trips`` of both runs.
    compared : polars.DataFrame
        Rows of ``punctuality`` side by side; those of the group ``all`` are paired.

    Returns
    -------
    polars.DataFrame
        Keys of ``punctuality``, ``difference`` with its error and range.
    """
    pairs = _join_trips(before, after)
    # The end of a local day is no fixed time after departure, so trips do not tell it.
    is_timed = pl.col("measure").is_in(["announced_duration", "arrival_tolerance"])
    is_shown = (pl.col("group_id") == "all") & is_timed
    rows = compared.filter(is_shown).drop_nulls("difference")
    parts = []
    for service_id, measure, limit_h in rows.select("service_id", "measure", "limit_h").iter_rows():
        column = "elapsed_s" if measure == "announced_duration" else "arrival_delay_s"
        limit_s = limit_h * HOUR_S
        # A trip that never arrives is not in time.
        before_in, after_in = (
            (pl.col(name) <= limit_s).fill_null(value=False).cast(pl.Float64)
            for name in (column, f"{column}_right")
        )
        of_service = pairs.filter(pl.col("service_id") == service_id)
        gained = of_service.select("draw", "replication", gained=after_in - before_in)
        keys = {"service_id": service_id, "measure": measure, "limit_h": limit_h}
        parts.append(summarise_pairs(gained).with_columns(_keys(keys)))
    return pl.concat(parts) if parts else pl.DataFrame()


def pair_times(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame], column: str
) -> pl.DataFrame:
    """Differences of a mean time over the trips that arrive in both runs [min].

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        With ``simulated_trips``.
    column : str
        ``arrival_delay_s``, delay at the end, or ``elapsed_s``, journey time.
    """
    pairs = _join_trips(before, after).drop_nulls([column, f"{column}_right"])
    parts = []
    for service_id in pairs["service_id"].unique(maintain_order=True).to_list():
        change = (pl.col(f"{column}_right") - pl.col(column)) / MINUTE_S
        of_service = pairs.filter(pl.col("service_id") == service_id)
        gained = of_service.select("draw", "replication", gained=change)
        parts.append(summarise_pairs(gained).with_columns(_keys({"service_id": service_id})))
    return pl.concat(parts) if parts else pl.DataFrame()


def summarise_pairs(gained: pl.DataFrame) -> pl.DataFrame:
    """Mean difference, its Monte-Carlo error and the range over draws.

    The mean is that of the draws' means. Its error is the root of the summed variances of the
    draws' means over their number: ``sqrt(sum(s_d^2 / n_d)) / D`` with ``n_d`` replications in each
    of ``D`` draws. The draw -1, best values, is left out where there are others.

    Parameters
    ----------
    gained : polars.DataFrame
        ``draw``, ``replication`` and ``gained``, one row a trip.

    Examples
    --------
    >>> rows = {"draw": [0, 0, 1, 1], "replication": [0, 1, 0, 1], "gained": [1.0, 3.0, 4.0, 8.0]}
    >>> summarise_pairs(pl.DataFrame(rows)).select("difference", "difference_error").row(0)
    (4.0, 1.118033988749895)
    """
    drawn = gained.filter(pl.col("draw") >= 0)
    used = gained if drawn.is_empty() else drawn
    runs = used.group_by("draw", "replication").agg(pl.col("gained").mean()).sort("draw")
    draws = runs.group_by("draw", maintain_order=True).agg(
        mean=pl.col("gained").mean(), square=pl.col("gained").var() / pl.len()
    )
    return draws.select(
        difference=pl.col("mean").mean(),
        difference_error=pl.col("square").sum().sqrt() / pl.len(),
        difference_low=pl.col("mean").quantile(LOW, "linear"),
        difference_high=pl.col("mean").quantile(HIGH, "linear"),
    )


def _join_trips(
    before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Trips that both runs simulated, beside each other."""
    columns = [*KEYS, "arrival_delay_s", "elapsed_s"]
    first, second = (results["simulated_trips"].select(columns) for results in (before, after))
    joined = first.join(second, on=KEYS, how="inner", maintain_order="left")
    return joined.with_columns(service_id=pl.col("trip_id").str.split("@").list.first())


def _keys(values: Mapping[str, str | float]) -> list[pl.Expr]:
    return [
        pl.lit("all").alias("group_id"),
        *(pl.lit(value).alias(name) for name, value in values.items()),
    ]
