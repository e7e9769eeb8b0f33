"""The line with all its trains over the year: who is delayed, by what, and what renewal gains.

Main functions: `prepare_line`, `simulate_line_draw` (one draw: a task of its own) and
`summarise_draws` (the result tables). Every month is simulated with the same paths and the chances
of its season; the renewed line meets the same chances, each failure thinned.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.compute import ALONE, Workers
from arterial.operations.chance import make_key
from arterial.operations.line.event_engine import Policy, simulate_events
from arterial.operations.line.exposure import Exposure
from arterial.operations.line.hazards import Closures
from arterial.operations.line.losses import reckon_closures, tabulate_losses
from arterial.operations.line.outcome import Replications
from arterial.operations.line.parts import Scenario, tabulate_draw
from arterial.operations.line.path_plans import LinePlan, list_cases, plan_from_paths
from arterial.operations.line.sources import LineSources, list_line_sources
from arterial.operations.line.stations import count_arrivals, sum_arrivals, sum_causes
from arterial.operations.line.summary import LineOutcome, summarise_line
from arterial.timetable.paths import LineModel
from arterial.timetable.paths.links import TrainLink

__all__ = [
    "LineDraw",
    "LineOperations",
    "prepare_line",
    "simulate_line_draw",
    "summarise_draws",
]

MOST_DAYS: Final = 1_000_000
"""Replications of a month are numbered from a multiple of this on."""


WAIT_FOR_ALL: Final = Closures()


@dataclass(frozen=True)
class LineOperations:
    """A line with its plans, ready to be simulated; it can be sent to another process.

    Parameters
    ----------
    line : LineModel
        Points and steps.
    plans : tuple of LinePlan
        One a case of ``train_paths``.
    section_railways : mapping of str to str
        Railway of each section.
    policy : Policy
        Which train goes first.
    tolerance_s : float or None
        Delay up to which an arrival is punctual; None = stations and causes are not summed [s].
    closures : Closures
        What is done about closed steps.
    """

    line: LineModel
    plans: tuple[LinePlan, ...]
    section_railways: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = Policy.BY_WEIGHT
    tolerance_s: float | None = None
    closures: Closures = WAIT_FOR_ALL


@dataclass(frozen=True)
class LineDraw:
    """What one draw says of the line.

    Parameters
    ----------
    draw : int
        Its number; -1 = best values.
    states, seasons, disturbances : DataFrame
        Tables ``asset_states``, ``asset_seasons`` and ``disturbances``.
    renewed_states : DataFrame or None
        States if all assets were renewed, same assets; None = not wanted.
    """

    draw: int
    states: pl.DataFrame
    seasons: pl.DataFrame
    disturbances: pl.DataFrame
    renewed_states: pl.DataFrame | None = None


def prepare_line(
    train_paths: pl.DataFrame,
    line: LineModel,
    *,
    section_railways: Mapping[str, str] | None = None,
    supplement_percent: float = 0.0,
    weights: Mapping[str, int] | None = None,
    policy: Policy = Policy.BY_WEIGHT,
    bound: tuple[Sequence[TrainLink], int] = ((), 0),
    workers: Workers = ALONE,
) -> LineOperations:
    """Plans of all cases of ``train_paths`` on a line.

    Parameters
    ----------
    train_paths : DataFrame
        Table ``train_paths``.
    line : LineModel
        Points and steps.
    section_railways : mapping of str to str, optional
        Railway of each section, for disturbances that name one.
    supplement_percent : float
        Supplement that running times hold over the least ones [%].
    weights : mapping of str to int, optional
        Weight of trains and flows in dispatching.
    policy : Policy
        Which train goes first.
    bound : pair of links and int
        Which paths wait for which others, and for how long at most [s].
    workers : Workers
        Who shares the cases.

    Returns
    -------
    LineOperations
        The line.
    """
    plan = partial(_plan_case, train_paths, line, supplement_percent, weights, bound)
    plans = tuple(workers.map(plan, list_cases(train_paths)))
    return LineOperations(line, plans, dict(section_railways or {}), policy)


def _plan_case(
    train_paths: pl.DataFrame,
    line: LineModel,
    supplement_percent: float,
    weights: Mapping[str, int] | None,
    bound: tuple[Sequence[TrainLink], int],
    case: str,
) -> LinePlan:
    """Plan of one case, called by whoever shares them."""
    return plan_from_paths(
        train_paths,
        line,
        case=case,
        supplement_percent=supplement_percent,
        weights=weights,
        links=bound[0],
        link_wait_s=bound[1],
    )


def simulate_line_draw(
    operations: LineOperations,
    inputs: LineDraw,
    *,
    seed: int,
    days: int,
    only: Collection[str] | None = None,
    with_losses: bool = False,
) -> dict[str, pl.DataFrame]:
    """Simulate all months of one draw.

    Parameters
    ----------
    operations : LineOperations
        The line.
    inputs : LineDraw
        Assets, seasons and disturbances of the draw.
    seed : int
        Seed of the study.
    days : int
        Replications for each month and case: ``line_days`` of the settings.
    only : collection of str, optional
        Scenarios that are wanted, ``as_is`` and ``renewed``; all if left out.
    with_losses : bool
        Whether the tables of :func:`arterial.operations.line.losses.tabulate_losses` are wanted.

    Returns
    -------
    dict of str to DataFrame
        Parts for :func:`arterial.operations.line.summary.summarise_line`: ``line_trains``,
        ``line_bins``, ``line_assets``, ``line_hosts`` and ``line_days``, and where they are wanted
        ``line_stations`` and ``line_causes``.
    """
    key = make_key(seed, "operations/line", inputs.draw)
    tables: dict[str, list[pl.DataFrame]] = {}
    for plan in operations.plans:
        sources = _list_sources(operations, plan, inputs)
        for name, share in _list_scenarios(inputs, sources).items():
            if only is not None and name not in only:
                continue
            scenario = Scenario(name, inputs.draw, plan, sources, inputs.states, operations.line)
            tolerance_s = operations.tolerance_s if name == "as_is" else None
            months, stations = [], []
            for m, factor in enumerate(sources.month_factor):
                done = _simulate_month(
                    operations,
                    plan,
                    sources,
                    share * factor,
                    key=key,
                    month=m,
                    days=days,
                    with_times=tolerance_s is not None,
                )
                if tolerance_s is not None:
                    stations.append(count_arrivals(plan.plan, done, tolerance_s=tolerance_s))
                # The times of all events take more room than all else.
                months.append(replace(done, times_s=None))
            found = tabulate_draw(scenario, months)
            if stations:
                found["line_stations"] = sum_arrivals(scenario, stations)
                found["line_causes"] = sum_causes(scenario, months)
            if "line_assets" in found and operations.closures != WAIT_FOR_ALL:
                reckoned = reckon_closures(scenario, found["line_assets"], sources.month_factor)
                found["line_assets"] = reckoned
            if with_losses:
                found |= tabulate_losses(scenario, months, share * sources.month_factor, key=key)
            for table, rows in found.items():
                tables.setdefault(table, []).append(rows)
    return {name: pl.concat(rows) for name, rows in tables.items()}


def _list_sources(operations: LineOperations, plan: LinePlan, inputs: LineDraw) -> LineSources:
    """What can go wrong in a draw, and what is then done about closed steps."""
    sources = list_line_sources(
        Exposure(plan.plan, operations.line, operations.section_railways),
        states=inputs.states,
        seasons=inputs.seasons,
        disturbances=inputs.disturbances,
    )
    return replace(sources, hazards=sources.hazards._replace(closures=operations.closures))


def summarise_draws(parts: Sequence[Mapping[str, pl.DataFrame]]) -> LineOutcome:
    """Sum up what `simulate_line_draw` gave for each draw, in order of the draws."""
    names = list(dict.fromkeys(name for part in parts for name in part))
    return summarise_line({name: pl.concat([part[name] for part in parts]) for name in names})


def _list_scenarios(inputs: LineDraw, sources: LineSources) -> dict[str, NDArray[np.float64]]:
    """Share of failures that each scenario keeps, by source."""
    scenarios = {"as_is": np.ones(sources.asset_rows.size)}
    if inputs.renewed_states is not None:
        columns = ["asset_id", "failure_rate_per_year"]
        pair = inputs.states.select(columns).join(
            inputs.renewed_states.select(columns),
            on="asset_id",
            how="left",
            suffix="_renewed",
            maintain_order="left",
        )
        ratio = pair["failure_rate_per_year_renewed"] / pair["failure_rate_per_year"]
        # Renewal never makes an asset worse; one that is not listed is not renewed.
        kept = ratio.fill_nan(1.0).fill_null(1.0).clip(0.0, 1.0).to_numpy()
        is_asset = sources.asset_rows >= 0
        share = np.ones(sources.asset_rows.size)
        share[is_asset] = kept[sources.asset_rows[is_asset]]
        scenarios["renewed"] = share
    return scenarios


def _simulate_month(
    operations: LineOperations,
    plan: LinePlan,
    sources: LineSources,
    factor: NDArray[np.float64],
    *,
    key: np.uint64,
    month: int,
    days: int,
    with_times: bool,
) -> Replications:
    """Replications of one month."""
    return simulate_events(
        plan.plan,
        sources.hazards,
        key=key,
        replications=days,
        first_replication=month * MOST_DAYS,
        policy=operations.policy,
        factor=factor,
        with_times=with_times,
    )
