"""The problem as the kernels read it: sites by line, single precision, prices by class.

Sites of one line lie together. Labour prices are looked up by *labour class* (pool, season,
duration) and first month, possession prices by *possession class* (line, duration) and first month:
`spread_prices` adds up what an hour that is spread over a work's months costs, and `gather_use` is
its transpose. So a work of several months costs the kernels no more than one of a single month.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode_kernel import gather_hours, gather_labour, spread_rows
from arterial.campaign.choice.problem import CampaignProblem, Prices

__all__ = [
    "FORBIDDEN",
    "Columns",
    "Encoded",
    "Needs",
    "PriceTables",
    "encode_problem",
    "gather_use",
    "list_needs",
    "spread_prices",
]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

# Benefit of a column that may not be chosen: finite, for kernels are compiled without infinities.
FORBIDDEN = np.float32(-1e30)


class Columns(NamedTuple):
    """Options of all sites, as arrays for kernels."""

    first: Indices
    benefit: Singles
    labour: Singles
    possession: Singles
    material: Singles
    cost: Singles
    labour_class: Indices
    possession_class: Indices


class Needs(NamedTuple):
    """What options take, in double precision."""

    pool: Indices
    line: Indices
    season: Indices
    duration: Indices
    season_need: Floats
    labour: Floats
    possession: Floats
    material: Floats
    cost: Floats
    year: Indices


class PriceTables(NamedTuple):
    """Price of an hour or unit by class and first month, single precision."""

    labour: Singles
    possession: Singles
    material: Singles
    cost: Singles


@dataclass(frozen=True, eq=False)
class Encoded:
    """A problem with its sites in order of their lines.

    Parameters
    ----------
    problem : CampaignProblem
        As given; limits may be replaced without encoding anew.
    columns : Columns
        Options in order of the lines of their sites.
    site_order, option_order : NDArray[np.int32]
        Place in the problem of each site and option here.
    line_first : NDArray[np.int32]
        First site of each line, `(n_lines + 1,)`.
    labour_classes : NDArray[np.int32]
        Pool, season and duration of each labour class, `(n_classes, 3)`.
    possession_classes : NDArray[np.int32]
        Line and duration of each possession class, `(n_classes, 2)`.
    """

    problem: CampaignProblem
    columns: Columns
    site_order: Indices
    option_order: Indices
    line_first: Indices
    labour_classes: Indices
    possession_classes: Indices


def encode_problem(problem: CampaignProblem) -> Encoded:
    """Bring a problem into the form of the kernels."""
    sites = np.argsort(problem.line, kind="stable").astype(np.int32)
    counts = np.diff(problem.first_option)[sites]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    within = np.arange(first[-1]) - np.repeat(first[:-1], counts)
    options = (np.repeat(problem.first_option[sites], counts) + within).astype(np.int32)
    pool, line = np.repeat(problem.pool[sites], counts), np.repeat(problem.line[sites], counts)
    duration = problem.duration_months[options]
    labour_classes, labour_class = np.unique(
        np.stack([pool, problem.season[options], duration], axis=1), axis=0, return_inverse=True
    )
    possession_classes, possession_class = np.unique(
        np.stack([line, duration], axis=1), axis=0, return_inverse=True
    )
    benefit = problem.benefit[options]
    np.maximum(benefit, FORBIDDEN, out=benefit)
    _forbid_misfits(problem, options, pool, line, benefit)
    n_lines = problem.possession_limit_h.shape[0]
    return Encoded(
        problem=problem,
        columns=Columns(
            first=first,
            benefit=benefit,
            labour=problem.labour_h[options].astype(np.float32),
            possession=problem.possession_h[options].astype(np.float32),
            material=problem.material[options].astype(np.float32),
            cost=problem.cost[options].astype(np.float32),
            labour_class=labour_class.reshape(-1).astype(np.int32),
            possession_class=possession_class.reshape(-1).astype(np.int32),
        ),
        site_order=sites,
        option_order=options,
        line_first=np.searchsorted(problem.line[sites], np.arange(n_lines + 1)).astype(np.int32),
        labour_classes=labour_classes.astype(np.int32),
        possession_classes=possession_classes.astype(np.int32),
    )


def list_needs(encoded: Encoded) -> Needs:
    """What options take, in the order of the encoded problem."""
    problem, sites, options = encoded.problem, encoded.site_order, encoded.option_order
    return Needs(
        pool=problem.pool[sites],
        line=problem.line[sites],
        season=problem.season[options],
        duration=problem.duration_months[options],
        season_need=problem.season_need,
        labour=problem.labour_h[options],
        possession=problem.possession_h[options],
        material=problem.material[options],
        cost=problem.cost[options],
        year=problem.year,
    )


def _forbid_misfits(
    problem: CampaignProblem, options: Indices, pool: Indices, line: Indices, benefit: Singles
) -> None:
    """Mark in `benefit` the columns that would break a limit alone, or end after the horizon."""
    n_months = problem.n_months
    duration = problem.duration_months[options]
    labour = problem.labour_h[options] / duration
    possession = problem.possession_h[options] / duration
    season = problem.season[options]
    in_store = np.cumsum(problem.supply, axis=1)
    money = problem.budget[problem.year] if len(problem.budget) else np.full(n_months, np.inf)
    for t in range(n_months):
        misfit = (labour * problem.season_need[season, t] > problem.labour_limit_h[pool, t]) | (
            possession > problem.possession_limit_h[line, t]
        )
        # A work of several months is in month t if it began up to its duration before.
        for back in range(min(int(duration.max(initial=1)), t + 1)):
            benefit[misfit & (duration > back), t - back] = FORBIDDEN
        late = duration + t > n_months
        for m in range(len(in_store)):
            late |= problem.material[options, m] > in_store[m, t:].min()
        benefit[late | (problem.cost[options] > money[t]), t] = FORBIDDEN


def spread_prices(encoded: Encoded, prices: Prices) -> PriceTables:
    """Price of an hour or unit by class and first month."""
    problem = encoded.problem
    labour = spread_rows(prices.labour, problem.season_need, encoded.labour_classes)
    by_line, months = encoded.possession_classes[:, 0], encoded.possession_classes[:, 1]
    alike = np.stack([by_line, np.zeros_like(by_line), months], axis=1)
    possession = spread_rows(prices.possession, np.ones((1, problem.n_months)), alike)
    cost = prices.budget[problem.year] if len(prices.budget) else np.zeros(problem.n_months)
    return PriceTables(
        labour.astype(np.float32),
        possession.astype(np.float32),
        prices.material.astype(np.float32),
        cost.astype(np.float32),
    )


def gather_use(encoded: Encoded, by_class: PriceTables, *, squared: bool = False) -> Prices:
    """Use of each resource and month from the hours by class and first month.

    With `squared`, the sums are of squared needs and come out as the (bounded) diagonal of the
    matrix of second derivatives: each month's share enters with its factor, not its square, for
    months of one work move together.
    """
    problem = encoded.problem
    labour = gather_labour(
        by_class.labour,
        problem.season_need,
        encoded.labour_classes,
        problem.labour_limit_h.shape[0],
        squared,
    )
    possession = gather_hours(
        by_class.possession, encoded.possession_classes, problem.possession_limit_h.shape[0]
    )
    budget = np.bincount(
        problem.year, by_class.cost.astype(np.float64), minlength=len(problem.budget)
    )[: len(problem.budget)].astype(np.float64)
    return Prices(
        labour=labour,
        possession=possession,
        material=by_class.material.astype(np.float64),
        budget=budget,
    )
