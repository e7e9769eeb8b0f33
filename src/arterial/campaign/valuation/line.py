"""Operations of a renewal campaign: paths of all flows, and the line before and after a plan.

Main functions: `prepare_campaign_line` and `simulate_draws`. Both simulations of a draw meet the
same chances; a renewed asset fails on a part of the occasions on which it failed before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from arterial.assets.parameters import ParameterSet
from arterial.campaign.choice.cutting import sample_pieces
from arterial.campaign.valuation.losses import KnockOn, resolve_effects
from arterial.campaign.valuation.windows import WindowRatios, find_window_ratios
from arterial.compute import ALONE, Workers
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.operations.asset_draws import assess_draw
from arterial.operations.line.hazards import Closures
from arterial.operations.line.parts import describe_assets, find_runs_per_year
from arterial.operations.line.simulate import LineDraw, LineOperations, simulate_line_draw
from arterial.operations.line.simulate import prepare_line as prepare_operations
from arterial.study import Study
from arterial.timetable.paths.path_tables import tabulate_paths
from arterial.timetable.paths.study_line import list_flow_requests, prepare_line
from arterial.timetable.paths.train_requests import Period
from arterial.units import DAY_S, HOUR_S

__all__ = [
    "CampaignLine",
    "SimulatedDraw",
    "count_days",
    "count_draws",
    "prepare_campaign_line",
    "simulate_best",
    "simulate_draws",
]

PLAN_DAYS: Final = 2
"""Days whose paths are laid; flows of less than a train a day would else be missed [d]."""

MOST_DRAWS: Final = 10
"""Draws that a campaign simulates at most, of those of the study."""

PARTS_A_DRAW: Final = 4
"""Parts of the replications by best values for each draw: a rare pair of long closures on one way
is most of their chance."""

COMMON_SEED: Final = 0
"""Seed of the chances of the line by best values, whatever that of the study."""

MOST_DAYS: Final = 3
"""Days of each month that it simulates at most [d]."""


@dataclass(frozen=True)
class CampaignLine:
    """The network with the trains of all flows.

    Parameters
    ----------
    operations : LineOperations
        Ready to be simulated.
    runs_per_year : mapping of str to float
        Trains of a year by train or flow.
    unplaced_count : int
        Trains for which no path was found.
    windows : WindowRatios
        What windows for works cost the trains.
    """

    operations: LineOperations
    runs_per_year: Mapping[str, float]
    unplaced_count: int
    windows: WindowRatios

    def describe(
        self,
        states: pl.DataFrame,
        *,
        draw: int = -1,
        traffic: Mapping[str, float] | None = None,
    ) -> pl.DataFrame:
        """Trains, restrictions and derailments a year by asset, without chance.

        ``shares_tracks`` tells where a failure closes one track of several. `traffic` holds trains
        over those whose paths were laid, by flow.
        """
        line, plan = self.operations, self.operations.plans[0]
        flows = [run.train_key.rpartition("/")[0] for run in plan.plan.runs]
        share = np.array([(traffic or {}).get(flow, 1.0) for flow in flows])
        fixed = describe_assets(line.line, plan, states, draw=draw, share=share)
        single = {step.section_id for step in line.line.steps if step.tracks_count <= 1}
        is_shared = ~pl.col("section_id").is_in(sorted(single))
        return fixed.with_columns(is_shared.fill_null(value=False).alias("shares_tracks"))


@dataclass(frozen=True)
class SimulatedDraw:
    """One draw before or after a plan.

    Parameters
    ----------
    draw : int
        Its number.
    fixed : DataFrame
        What :meth:`CampaignLine.describe` gives.
    parts : mapping of str to DataFrame
        Parts of :func:`arterial.operations.line.simulate.simulate_line_draw`.
    capped_h : float
        Delay by failures as reckoned, trains taken off after the longest wait and nothing passed
        on [h/y].
    """

    draw: int
    fixed: pl.DataFrame
    parts: Mapping[str, pl.DataFrame]
    capped_h: float = 0.0


def prepare_campaign_line(study: Study, tables: Mapping[str, pl.DataFrame]) -> CampaignLine | None:
    """Paths of all flows over the network; None where no flow is stated.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.

    Notes
    -----
    Named trains of a timetable are left to the flows that stand for them; the paths of one
    pattern of days serve the whole year.
    """
    if tables["train_flows"].is_empty():
        return None
    line = prepare_line(study)
    requests = list_flow_requests(line, Period(0, PLAN_DAYS * DAY_S))
    options = PlanOptions(moves=0, leaves_late=True)
    planned = plan_paths(line.model, requests, options=options)
    if not planned.paths:
        return None
    operations = prepare_operations(
        tabulate_paths(line.model, planned.paths),
        line.model,
        section_railways=dict(
            tables["sections"].select("section_id", "railway_id").drop_nulls().iter_rows()
        ),
    )
    settings = study.settings.campaign
    # As the worth is counted: none waits for longer, and one track of several is closed.
    closures = Closures(longest_wait_s=round(settings.longest_wait_h * HOUR_S), shares_tracks=1)
    operations = replace(operations, closures=closures)
    plan = operations.plans[0]
    weight = find_runs_per_year(plan)
    runs: dict[str, float] = {}
    for number, run in enumerate(plan.plan.runs):
        runs[run.train_key] = runs.get(run.train_key, 0.0) + float(weight[number])
    windows = find_window_ratios(
        line.model,
        planned.paths,
        days=PLAN_DAYS,
        window_h=settings.possession_window_h,
        spread=settings.ratio_spread,
    )
    return CampaignLine(operations, runs, len(planned.unplaced), windows)


def simulate_draws(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    line: CampaignLine,
    *,
    age_shares: Mapping[str, float] | None = None,
    workers: Workers = ALONE,
) -> list[SimulatedDraw]:
    """Simulate the line in each draw, as it is or with works done.

    Parameters
    ----------
    study, tables, parameters
        The study, its tables and the parameters of its assets.
    line : CampaignLine
        The network with its trains.
    age_shares : mapping of str to float, optional
        Share of its age that a work of the plan leaves each asset; None = as it is.
    workers : Workers
        Who simulates; each draw is one call.

    Returns
    -------
    list of SimulatedDraw
        In order of the draws.
    """
    simulate = partial(_simulate_draw, study, tables, parameters, line, age_shares)
    return workers.map(simulate, range(count_draws(study)))


def simulate_best(
    study: Study,
    line: CampaignLine,
    states: pl.DataFrame,
    seasons: pl.DataFrame,
    disturbances: pl.DataFrame,
    *,
    renewed: pl.DataFrame | None = None,
    workers: Workers = ALONE,
) -> list[SimulatedDraw]:
    """Simulate the line by best values, as it is or with works done.

    Its numbers are common: the same for every seed, so that studies and seeds are compared under
    the same chances. How many of them there are tells the error of what is read off.

    Parameters
    ----------
    study : Study
        The study.
    line : CampaignLine
        The network with its trains.
    states, seasons, disturbances : DataFrame
        Tables ``asset_states``, ``asset_seasons`` and ``disturbances`` by best values.
    renewed : DataFrame, optional
        States with works done; None = as the line is.
    workers : Workers
        Who simulates; each part of the replications is one call.

    Returns
    -------
    list of SimulatedDraw
        One a part.
    """
    simulate = partial(_simulate_part, study, line, (states, seasons, disturbances), renewed)
    return workers.map(simulate, range(PARTS_A_DRAW * count_draws(study)))


def _simulate_part(
    study: Study,
    line: CampaignLine,
    best: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
    renewed: pl.DataFrame | None,
    number: int,
) -> SimulatedDraw:
    """A part of the replications by best values."""
    parts = simulate_line_draw(
        line.operations,
        LineDraw(number, *best, renewed_states=renewed),
        seed=COMMON_SEED,
        days=count_days(study),
        only={"as_is" if renewed is None else "renewed"},
        with_losses=True,
    )
    return SimulatedDraw(number, pl.DataFrame(), parts)


def _simulate_draw(
    study: Study,
    tables: Mapping[str, pl.DataFrame],
    parameters: ParameterSet,
    line: CampaignLine,
    age_shares: Mapping[str, float] | None,
    draw: int,
) -> SimulatedDraw:
    """One draw of the line, as it is or with works done."""
    settings = study.settings
    sampled = sample_pieces(study, draw)
    before = assess_draw(study, tables, parameters, draw=draw, sampled=sampled)
    after = None
    if age_shares is not None:
        after = assess_draw(
            study, tables, parameters, draw=draw, age_shares=age_shares, sampled=sampled
        )
    inputs = LineDraw(
        draw=draw,
        states=before.states,
        seasons=before.seasons,
        disturbances=sampled["disturbances"],
        renewed_states=None if after is None else after.states,
    )
    parts = simulate_line_draw(
        line.operations,
        inputs,
        seed=settings.seed,
        days=count_days(study),
        only={"as_is" if after is None else "renewed"},
        with_losses=True,
    )
    states = before.states if after is None else after.states
    fixed = line.describe(states, draw=draw)
    longest_h = settings.campaign.longest_wait_h
    worth = resolve_effects(states, fixed, KnockOn(), longest_wait_h=longest_h)
    return SimulatedDraw(draw, fixed, parts, float(worth.delay_h.sum()))


def count_days(study: Study) -> int:
    """Days of each month and draw that are simulated [d]."""
    return min(study.settings.reliability.line_days, MOST_DAYS)


def count_draws(study: Study) -> int:
    """Draws that are simulated."""
    return min(study.settings.reliability.draws, MOST_DRAWS)
