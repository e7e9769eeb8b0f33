"""What one simulated draw of the line leaves behind, as small tables that can be added up.

The main function is `tabulate_draw`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.closures import restriction_time_loss_s
from arterial.operations.line.exposure import locate_assets
from arterial.operations.line.outcome import Parts, Replications
from arterial.operations.line.path_plans import LinePlan
from arterial.operations.line.sources import LineSources
from arterial.timetable.paths import LineModel
from arterial.units import DAY_S, KM_TO_M, MINUTE_S, YEAR_S, kmh_to_ms

__all__ = ["Scenario", "describe_assets", "find_runs_per_year", "group_runs", "tabulate_draw"]

Numbers = NDArray[np.float64]

ACCELERATION_M_S2: Final = 0.25
BRAKING_M_S2: Final = 0.40


@dataclass(frozen=True)
class Scenario:
    """What was simulated: name, draw, plan, sources, and the assets on their line."""

    name: str
    draw: int
    plan: LinePlan
    sources: LineSources
    states: pl.DataFrame
    line: LineModel


@dataclass(frozen=True)
class _Delays:
    """Delays and parts of all months below each other, ``(n_replications, n_runs)`` [s]."""

    delay_s: Numbers
    primary_s: Numbers
    knock_on_s: Numbers
    cancelled: Numbers
    parts: Parts
    gap_s: int
    forced: int


def tabulate_draw(scenario: Scenario, months: Sequence[Replications]) -> dict[str, pl.DataFrame]:
    """Small tables of one draw, scenario and case.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    months : sequence of Replications
        Outcome of each month.

    Returns
    -------
    dict of str to DataFrame
        ``line_trains``: sums by train; ``line_bins``: counts by whole minutes; ``line_days``: what
        was run; and for the line as it is ``line_assets`` and ``line_hosts``.
    """
    delays = _join_months(months)
    tables = {
        "line_trains": _sum_trains(scenario, delays),
        "line_bins": _count_minutes(scenario, delays),
        "line_days": _count_days(scenario, delays),
    }
    if scenario.name == "as_is":
        tables["line_assets"] = _sum_assets(scenario, delays)
        tables["line_hosts"] = _list_hosts(scenario, delays)
    return tables


def _join_months(months: Sequence[Replications]) -> _Delays:
    """Months below each other, replications numbered anew."""
    delay = np.concatenate([month.delay_s for month in months]).astype(np.float64)
    primary, knock_on = np.zeros_like(delay), np.zeros_like(delay)
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in Parts.__slots__}
    begin = 0
    for month in months:
        parts = month.parts
        if parts is not None:
            rows = parts.replication - month.first_replication + begin
            for name, arrays in columns.items():
                arrays.append(rows if name == "replication" else getattr(parts, name))
            direct = ~parts.is_knock_on
            np.add.at(primary, (rows[direct], parts.run[direct]), parts.seconds[direct])
            np.add.at(knock_on, (rows[~direct], parts.run[~direct]), parts.seconds[~direct])
        begin += len(month.delay_s)
    return _Delays(
        delay_s=delay,
        primary_s=primary,
        knock_on_s=knock_on,
        cancelled=np.concatenate([_list_cancelled(month) for month in months]),
        parts=Parts(**{name: np.concatenate(arrays) for name, arrays in columns.items()}),
        gap_s=max(month.attribution_gap_s for month in months),
        forced=sum(month.forced_count for month in months),
    )


def _list_cancelled(month: Replications) -> Numbers:
    """1 for each run that was taken off, ``(n_replications, n_runs)``."""
    if month.cancelled is None:
        return np.zeros(month.delay_s.shape)
    return month.cancelled.astype(np.float64)


def _mean_and_error(by_replication: Numbers) -> tuple[float, float]:
    """Mean over replications and its standard error."""
    count = len(by_replication)
    error = by_replication.std(ddof=1) / np.sqrt(count) if count > 1 else 0.0
    return float(by_replication.mean()), float(error)


def group_runs(plan: LinePlan) -> dict[str, list[int]]:
    """Runs of each train key."""
    groups: dict[str, list[int]] = {}
    for number, run in enumerate(plan.plan.runs):
        groups.setdefault(run.train_key, []).append(number)
    return groups


def _sum_trains(scenario: Scenario, delays: _Delays) -> pl.DataFrame:
    """Mean delay and its parts by train, with Monte-Carlo errors [min]."""
    groups = group_runs(scenario.plan)
    means = {
        "delay_min": _mean_by_group(delays.delay_s, groups) / MINUTE_S,
        "primary_min": _mean_by_group(delays.primary_s, groups) / MINUTE_S,
        "knock_on_min": _mean_by_group(delays.knock_on_s, groups) / MINUTE_S,
        "cancelled_share": _mean_by_group(delays.cancelled, groups),
    }
    columns: dict[str, Any] = {
        "scenario": [scenario.name] * len(groups),
        "draw": [scenario.draw] * len(groups),
        "case": [scenario.plan.case] * len(groups),
        "train_key": list(groups),
        "trains_count": [len(runs) * len(delays.delay_s) for runs in groups.values()],
    }
    for name, values in means.items():
        count = values.shape[1]
        columns[name] = values.mean(axis=1)
        error = values.std(axis=1, ddof=1) / np.sqrt(count) if count > 1 else np.zeros(len(groups))
        columns[f"{name}_error"] = error
    return pl.DataFrame(columns)


def _mean_by_group(values: Numbers, groups: Mapping[str, Sequence[int]]) -> Numbers:
    """Mean over the runs of each group in each replication, ``(n_groups, n_replications)``."""
    means = values.T[[runs[0] for runs in groups.values()]]
    for number, runs in enumerate(groups.values()):
        if len(runs) > 1:
            means[number] = values[:, runs].mean(axis=1)
    return means


def _count_minutes(scenario: Scenario, delays: _Delays) -> pl.DataFrame:
    """Number of runs by delay in whole minutes."""
    groups = group_runs(scenario.plan)
    owner = np.empty(scenario.plan.plan.runs_count, dtype=np.int64)
    for number, runs in enumerate(groups.values()):
        owner[runs] = number
    minutes = np.rint(delays.delay_s / MINUTE_S).astype(np.int64)
    span = int(minutes.max(initial=0)) + 1
    codes, counts = np.unique(owner * span + minutes, return_counts=True)
    keys = pl.Series(list(groups), dtype=pl.String)
    return pl.DataFrame(
        {
            "train_key": keys[codes // span],
            "delay_min": codes % span,
            "runs_count": counts.astype(np.int64),
        }
    ).select(
        pl.lit(scenario.name).alias("scenario"),
        pl.lit(scenario.draw, dtype=pl.Int64).alias("draw"),
        pl.all(),
    )


def _count_days(scenario: Scenario, delays: _Delays) -> pl.DataFrame:
    """What was run, and the trains completed in the full day of the plan."""
    events = scenario.plan.plan.events
    planned = events.planned[events.first[1:] - 1]
    focal = scenario.plan.focal_run
    runs = scenario.plan.plan.runs
    begin = runs[focal].departure_s[0] if focal >= 0 else int(np.median(planned)) - DAY_S // 2
    arrivals = planned + delays.delay_s
    is_within = (arrivals >= begin) & (arrivals < begin + DAY_S)
    mean, error = _mean_and_error(is_within.sum(axis=1).astype(np.float64))
    return pl.DataFrame(
        {
            "scenario": [scenario.name],
            "draw": [scenario.draw],
            "case": [scenario.plan.case],
            "replications_count": [len(delays.delay_s)],
            "runs_count": [len(runs)],
            "planned_per_day": [int(((planned >= begin) & (planned < begin + DAY_S)).sum())],
            "completed_per_day": [mean],
            "completed_per_day_error": [error],
            "attribution_gap_s": [delays.gap_s],
            "forced_count": [delays.forced],
        }
    )


def find_runs_per_year(plan: LinePlan) -> Numbers:
    """How many trains of a year each run stands for, ``(n_runs,)``.

    The trains of a key in the plan, at their spacing; one that runs once stands for a daily train.
    """
    weight = np.zeros(plan.plan.runs_count)
    for runs in group_runs(plan).values():
        starts = sorted(plan.plan.runs[number].departure_s[0] for number in runs)
        spacing = (starts[-1] - starts[0]) / (len(starts) - 1) if len(starts) > 1 else DAY_S
        weight[runs] = YEAR_S / max(spacing, 1.0) / len(runs)
    return weight


def _sum_assets(scenario: Scenario, delays: _Delays) -> pl.DataFrame:
    """Delay a year by asset, with Monte-Carlo errors [min]."""
    parts, sources = delays.parts, scenario.sources
    weight = find_runs_per_year(scenario.plan)
    # The source -1, dispatching alone, reads the last place.
    asset = np.append(sources.asset_rows, -1)[parts.source]
    kept = asset >= 0
    rows, owners = parts.replication[kept].astype(np.int64), asset[kept]
    minutes = parts.seconds[kept] * weight[parts.run[kept]] / MINUTE_S
    count = len(delays.delay_s)
    sums: dict[str, Numbers] = {}
    for name, chosen in (
        ("primary", ~parts.is_knock_on[kept]),
        ("knock_on", parts.is_knock_on[kept]),
    ):
        total, squares = np.zeros((2, scenario.states.height))
        pairs, place = np.unique(
            np.stack((owners[chosen], rows[chosen])), axis=1, return_inverse=True
        )
        by_pair = np.bincount(place.ravel(), weights=minutes[chosen], minlength=pairs.shape[1])
        np.add.at(total, pairs[0], by_pair)
        np.add.at(squares, pairs[0], by_pair**2)
        spread = np.maximum(squares / count - (total / count) ** 2, 0.0)
        sums[f"{name}_delay_min_per_year"] = total / count
        sums[f"{name}_delay_min_per_year_error"] = np.sqrt(spread / max(count - 1, 1))
    fixed = describe_assets(scenario.line, scenario.plan, scenario.states, draw=scenario.draw)
    return fixed.with_columns(pl.Series(name, values) for name, values in sums.items())


def describe_assets(
    line: LineModel,
    line_plan: LinePlan,
    states: pl.DataFrame,
    *,
    draw: int,
    share: Numbers | None = None,
) -> pl.DataFrame:
    """What follows without chance: failures, trains, restrictions and derailments a year.

    Parameters
    ----------
    line : LineModel
        The line.
    line_plan : LinePlan
        Plan of one case.
    states : DataFrame
        Table ``asset_states``.
    draw : int
        Number of the draw, put into the rows.
    share : ndarray, optional
        Trains that each run stands for over those of the plan, ``(n_runs,)``.

    Returns
    -------
    DataFrame
        One row an asset, in their order, with columns of ``asset_effects``.
    """
    weight, plan = find_runs_per_year(line_plan), line_plan.plan
    if share is not None:
        weight = weight * share
    arrivals = np.arange(1, plan.events_count, 2)
    taken_s = plan.events.planned[arrivals] - plan.events.planned[arrivals - 1]
    steps, runs = plan.events.step[arrivals], plan.events.run[arrivals]
    trains = np.bincount(steps, weights=weight[runs], minlength=len(line.steps))
    trains_s = np.bincount(steps, weights=weight[runs] * taken_s, minlength=len(line.steps))
    pieces = locate_assets(states, line)
    asset, count = pieces.asset, trains[pieces.step]
    per_year, train_km, lost_min = np.zeros((3, states.height))
    np.maximum.at(per_year, asset, count)
    np.add.at(train_km, asset, count * pieces.length_m / KM_TO_M)
    limit = states["speed_limit_kmh"].fill_null(np.nan).to_numpy()[asset]
    is_slowed = (count > 0) & ~np.isnan(limit)
    asset, count, step = asset[is_slowed], count[is_slowed], pieces.step[is_slowed]
    length_m = np.array([each.length_km for each in line.steps])[step] * KM_TO_M
    speed = length_m * count / trains_s[step]
    loss_s = restriction_time_loss_s(
        speed,
        np.minimum([kmh_to_ms(each) for each in limit[is_slowed].tolist()], speed),
        pieces.length_m[is_slowed],
        acceleration_m_s2=ACCELERATION_M_S2,
        braking_m_s2=BRAKING_M_S2,
    )
    np.add.at(lost_min, asset, count * loss_s / MINUTE_S)
    rate = "derailments_per_million_train_km"
    million_km = pl.Series(train_km / 1e6)
    return states.select(
        pl.lit(draw, dtype=pl.Int64).alias("draw"),
        pl.lit(line_plan.case).alias("case"),
        "asset_id",
        "kind",
        "section_id",
        pl.col("failure_rate_per_year").fill_null(0.0).alias("failures_per_year"),
        pl.Series("train_runs_per_year", per_year),
        pl.Series("restriction_delay_min_per_year", lost_min),
        (pl.col(f"{rate}_low") * million_km).alias("derailments_per_year_low"),
        (pl.col(rate) * million_km).alias("derailments_per_year"),
        (pl.col(f"{rate}_high") * million_km).alias("derailments_per_year_high"),
    )


def _list_hosts(scenario: Scenario, delays: _Delays) -> pl.DataFrame:
    """What other trains cost the host of the case, one row a replication [min]."""
    focal = scenario.plan.focal_run
    hosts = [focal] if focal >= 0 else []
    frames = [
        pl.DataFrame({"delay_min": delays.knock_on_s[:, run] / MINUTE_S}).select(
            pl.lit(scenario.plan.plan.runs[run].train_key).alias("train_id"),
            pl.lit(scenario.draw, dtype=pl.Int64).alias("draw"),
            "delay_min",
        )
        for run in hosts
    ]
    schema = {"train_id": pl.String, "draw": pl.Int64, "delay_min": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *frames])
