"""How late simulated trains are where they stop, and by what: stations, hours and kinds of cause.

Main functions: `count_arrivals` (a month), `sum_arrivals` and `sum_causes` (one draw),
`tabulate_stations` and `tabulate_causes` (the result tables). Arrivals are counted where a train
stands and where it ends; the sums at the ends are those of `arterial.operations.line.parts`.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import utc_offset_min
from arterial.operations.line.outcome import Replications
from arterial.operations.line.parts import Scenario, group_runs
from arterial.operations.line.plan import OperationsPlan
from arterial.study import conform_table
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "LateArrivals",
    "count_arrivals",
    "sum_arrivals",
    "sum_causes",
    "tabulate_causes",
    "tabulate_stations",
]

Numbers = NDArray[np.float64]

DISPATCHING = "dispatching"
LOW = 0.05
HIGH = 0.95


class LateArrivals(NamedTuple):
    """How late trains arrived where they stand and where they end, in some replications.

    ``late_s`` and ``punctual_count``, (n_arrivals,), are sums over ``replications``.
    """

    late_s: NDArray[np.int64]
    punctual_count: NDArray[np.int64]
    replications: int


def count_arrivals(plan: OperationsPlan, done: Replications, *, tolerance_s: float) -> LateArrivals:
    """Arrivals of some replications, summed for each event.

    Parameters
    ----------
    plan : OperationsPlan
        What was simulated.
    done : Replications
        With the times of all events.
    tolerance_s : float
        Delay up to which a train is punctual [s].

    Returns
    -------
    LateArrivals
        In the order of the arrivals of the plan at which a train stands or ends.
    """
    times = done.times_s
    if times is None:
        message = "Arrivals are summed from the times of all events."
        raise AssertionError(message)
    kept, _ = _list_arrivals(plan)
    late = np.maximum(times[:, kept] - plan.events.planned[kept], 0)
    return LateArrivals(late.sum(axis=0), (late <= tolerance_s).sum(axis=0), len(times))


def sum_arrivals(scenario: Scenario, months: Sequence[LateArrivals]) -> pl.DataFrame:
    """Arrivals of one draw by point and planned hour.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    months : sequence of LateArrivals
        Those of each month.

    Returns
    -------
    DataFrame
        ``draw``, ``point_id``, ``at_hour`` (whole hours UTC since the study epoch), counts, and
        sums of delays [s].
    """
    events = scenario.plan.plan.events
    kept, ends = _list_arrivals(scenario.plan.plan)
    count = sum(month.replications for month in months)
    late_s = np.sum([month.late_s for month in months], axis=0)
    table = pl.DataFrame(
        {
            "point": events.point[kept],
            "at_hour": events.planned[kept] // HOUR_S,
            "arrivals_count": np.full(len(kept), count),
            "late_s": late_s,
            "punctual_count": np.sum([month.punctual_count for month in months], axis=0),
            "ends_count": np.where(ends, count, 0),
            "end_late_s": np.where(ends, late_s, 0),
        }
    )
    points = pl.Series(scenario.line.point_ids, dtype=pl.String)
    return (
        table.group_by("point", "at_hour", maintain_order=True)
        .sum()
        .select(
            pl.lit(scenario.draw, dtype=pl.Int64).alias("draw"),
            pl.lit(points).gather(pl.col("point")).alias("point_id"),
            pl.exclude("point"),
        )
    )


def _list_arrivals(plan: OperationsPlan) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Arrivals at which a train stands or ends, and which of them are ends."""
    events = plan.events
    arrivals = np.arange(1, plan.events_count, 2)
    is_end = np.zeros(plan.events_count, np.bool_)
    is_end[events.first[1:] - 1] = True
    stands = np.zeros(len(arrivals), np.bool_)
    stands[:-1] = events.planned[arrivals[:-1] + 1] > events.planned[arrivals[:-1]]
    kept = arrivals[stands | is_end[arrivals]]
    return kept, is_end[kept]


def sum_causes(scenario: Scenario, months: Sequence[Replications]) -> pl.DataFrame:
    """Delay of one draw by train and kind of cause.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    months : sequence of Replications
        Outcome of each month.

    Returns
    -------
    DataFrame
        ``draw``, ``case``, ``train_key``, ``cause`` and mean minutes of a train.
    """
    groups = group_runs(scenario.plan)
    owner = np.empty(scenario.plan.plan.runs_count, dtype=np.int64)
    for number, runs in enumerate(groups.values()):
        owner[runs] = number
    # The source -1, dispatching alone, reads the last place.
    names = [*scenario.sources.causes, DISPATCHING]
    causes = sorted(set(names))
    numbers = np.array([causes.index(name) for name in names])
    sums = np.zeros((2, len(groups), len(causes)))
    for month in months:
        if month.parts is not None:
            parts = month.parts
            place = (parts.is_knock_on.astype(np.int64), owner[parts.run], numbers[parts.source])
            np.add.at(sums, place, parts.seconds)
    replications = sum(len(month.delay_s) for month in months)
    trains = np.array([len(runs) * replications for runs in groups.values()])
    minutes = sums / MINUTE_S / np.maximum(trains, 1)[:, np.newaxis]
    # Each train has a row, so that it is known how often it was simulated.
    is_shown = minutes.sum(axis=0) > 0
    is_shown[:, causes.index(DISPATCHING)] = True
    shown = np.argwhere(is_shown)
    keys = pl.Series(list(groups), dtype=pl.String)
    return pl.DataFrame(
        {
            "train_key": keys[shown[:, 0]],
            "cause": pl.Series(causes, dtype=pl.String)[shown[:, 1]],
            "primary_min": minutes[0, shown[:, 0], shown[:, 1]],
            "knock_on_min": minutes[1, shown[:, 0], shown[:, 1]],
        }
    ).select(
        pl.lit(scenario.draw, dtype=pl.Int64).alias("draw"),
        pl.lit(scenario.plan.case).alias("case"),
        pl.all(),
    )


def tabulate_stations(
    sums: pl.DataFrame, points: pl.DataFrame, *, epoch: date, tolerance_s: float
) -> pl.DataFrame:
    """Table ``station_punctuality`` from the sums of all draws.

    Parameters
    ----------
    sums : DataFrame
        As `sum_arrivals` gives them, draw below draw.
    points : DataFrame
        ``operational_points``, for the clocks.
    epoch : date
        Study epoch.
    tolerance_s : float
        Delay up to which a train is punctual [s].

    Returns
    -------
    DataFrame
        Hours are those of the local clock.
    """
    hours = sums.select("point_id", "at_hour").unique(maintain_order=True)
    zones = dict(points.select("point_id", "zone").iter_rows())
    local = []
    for point, at_hour in hours.iter_rows():
        at_s = at_hour * HOUR_S
        offset_s = utc_offset_min(at_s, epoch, zones.get(point) or "Etc/UTC") * MINUTE_S
        local.append((at_s + offset_s) // HOUR_S % 24)
    keys = ["point_id", "hour"]
    counts = ["arrivals_count", "late_s", "punctual_count", "ends_count", "end_late_s"]
    by_draw = (
        sums.join(hours.with_columns(hour=pl.Series(local, dtype=pl.Int64)), on=hours.columns)
        .group_by([*keys, "draw"], maintain_order=True)
        .agg(pl.col(counts).sum())
        .with_columns(mean=pl.col("late_s") / pl.col("arrivals_count") / MINUTE_S)
    )
    ends = pl.col("end_late_s") / MINUTE_S / pl.col("ends_count")
    table = (
        by_draw.group_by(keys, maintain_order=True)
        .agg(
            pl.col(counts).sum(),
            pl.col("mean").quantile(LOW, "linear").alias("delay_mean_min_low"),
            pl.col("mean").quantile(HIGH, "linear").alias("delay_mean_min_high"),
        )
        .with_columns(
            delay_mean_min=pl.col("late_s") / pl.col("arrivals_count") / MINUTE_S,
            punctual_share=pl.col("punctual_count") / pl.col("arrivals_count"),
            limit_min=pl.lit(tolerance_s / MINUTE_S),
            end_delay_mean_min=pl.when(pl.col("ends_count") > 0).then(ends),
        )
        .drop("late_s", "punctual_count", "end_late_s")
        .sort(keys)
    )
    return conform_table("station_punctuality", table)


def tabulate_causes(sums: pl.DataFrame) -> pl.DataFrame:
    """Table ``line_causes`` from the sums of all draws and cases.

    Parameters
    ----------
    sums : DataFrame
        As `sum_causes` gives them, draw below draw.

    Returns
    -------
    DataFrame
        Means over cases and draws as in ``line_delays``, whose parts they sum up to.
    """
    keys = ["train_key", "cause"]
    columns = ("primary_min", "knock_on_min")
    # Where a cause did nothing in a case or draw, it has no row.
    rounds = sums.select("train_key", "draw", "case").unique()
    cases = rounds.group_by("train_key", "draw").agg(pl.len().alias("cases"))
    draws = rounds.group_by("train_key").agg(pl.col("draw").n_unique().alias("draws"))
    table = (
        sums.join(cases, on=["train_key", "draw"])
        .join(draws, on="train_key")
        .group_by(keys)
        .agg((pl.col(name) / pl.col("cases") / pl.col("draws")).sum() for name in columns)
        .sort(keys)
    )
    acts = pl.any_horizontal(pl.col(name) > 0 for name in columns)
    return conform_table("line_causes", table.filter(acts))
