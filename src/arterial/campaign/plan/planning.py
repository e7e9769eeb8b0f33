"""Plans by prices: greedy in order of profit, then repacking of months, line by line.

`make_plan` gives the option and month of every site of an encoded problem.
"""

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.dual.kernels import best_of_sites
from arterial.campaign.encode import Encoded, PriceTables, spread_prices
from arterial.campaign.plan.kernels import (
    GRID,
    MOST_ITEMS,
    Left,
    Needs,
    Work,
    improve_lines,
    insert_in_order,
    put_all,
)
from arterial.campaign.problem import CampaignProblem, Prices

__all__ = ["Planner"]

Indices = NDArray[np.int32]


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


def all_left(problem: CampaignProblem) -> Left:
    """Limits of a problem before anything is planned."""
    material = np.cumsum(problem.supply, axis=1)
    return Left(
        labour=problem.labour_limit_h.copy(),
        possession=problem.possession_limit_h.copy(),
        material=material,
        free=np.minimum.accumulate(material[:, ::-1], axis=1)[:, ::-1].copy(),
        budget=problem.budget.copy(),
    )


class Planner:
    """A plan under way."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self.needs = list_needs(encoded)
        self.left = all_left(encoded.problem)
        n_sites = len(encoded.site_order)
        n_months = encoded.problem.n_months
        edges = encoded.columns.first[encoded.line_first]
        most = int(np.diff(edges).max(initial=1))
        self.work = Work(
            option=np.full(n_sites, -1, dtype=np.int32),
            month=np.full(n_sites, -1, dtype=np.int32),
            profit=np.zeros((most, n_months), dtype=np.float32),
            table=np.zeros((MOST_ITEMS + 1, GRID + 1), dtype=np.float32),
        )

    def value(self) -> float:
        chosen = np.flatnonzero(self.work.option >= 0)
        return float(
            self.encoded.columns.benefit[self.work.option[chosen], self.work.month[chosen]].sum(
                dtype=np.float64
            )
        )

    def insert_by_profit(self, prices: Prices, least: float) -> None:
        tables = spread_prices(self.encoded, prices)
        columns = self.encoded.columns
        best = np.empty(len(self.encoded.site_order), dtype=np.float32)
        best_of_sites(columns, tables, 0, len(best), best)
        order = np.argsort(-best, kind="stable").astype(np.int32)
        insert_in_order(columns, tables, self.needs, self.left, self.work, order, least)

    def improve(self, prices: Prices, share: float, rng: np.random.Generator) -> float:
        tables = spread_prices(self.encoded, prices)
        tables = tables._replace(possession=np.zeros_like(tables.possession))
        n_months = self.encoded.problem.n_months
        lines = rng.permutation(len(self.encoded.line_first) - 1).astype(np.int32)
        months = rng.permutation(n_months).astype(np.int32)
        return improve_lines(
            self.encoded.columns, tables, self.needs, self.left, self.work,
            self.encoded.line_first, lines, share, months,
        )
