"""Prices of all resources by smoothed descent, and the bound that they prove.

For any prices, no plan is worth more than the limits at their prices plus the best profit of every
site. `search_prices` lowers that bound: the best of a site's columns is softened to a weighted mean
at a temperature that falls in stages, descent follows the gradient (limit less use) over twice the
diagonal of second derivatives, with momentum that restarts when it points uphill [Nesterov 1983],
[O'Donoghue 2015]. Material is priced by the month from which on it is there: such prices never
rise, and a step is projected on that by weighted isotonic regression.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from arterial.campaign.choice.encode import (
    Columns,
    Encoded,
    PriceTables,
    gather_use,
    spread_prices,
)
from arterial.campaign.choice.price_kernel import best_of_sites, sum_best, sum_smoothed
from arterial.campaign.choice.problem import CampaignProblem, Prices

__all__ = ["MOST_REPEATS", "Stage", "bound_by_prices", "draw_sample", "no_prices", "search_prices"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

# Ranges of sites that are summed apart; fixed, so that sums do not depend on the machine.
RANGES: Final = 8
# Second derivatives are at least this share of what the limits would give at the temperature.
FLOOR_SHARE: Final = 0.1
STEP_FACTOR: Final = 2.0
SMALLEST: Final = 1e-12
# A stage is repeated while it lowers the bound by this share of its temperature.
MOST_REPEATS: Final = 6
WORSE: Final = 1e-4
MORE_CAUTION: Final = 3.0
LEAST_WON: Final = 0.02
# From this temperature on, smoothed and true bound are near enough to go on from the best.
BEST_BELOW: Final = 0.01


@dataclass(frozen=True)
class Stage:
    """A temperature, as a share of the mean best benefit, and how many steps at it."""

    temperature: float
    steps: int


def no_prices(problem: CampaignProblem) -> Prices:
    """Prices of nothing."""
    return Prices(
        labour=np.zeros(problem.labour_limit_h.shape),
        possession=np.zeros(problem.possession_limit_h.shape),
        material=np.zeros(problem.supply.shape),
        budget=np.zeros(problem.budget.shape),
    )


def mean_benefit(problem: CampaignProblem) -> float:
    """Mean of the best benefit of the sites that have one above nothing."""
    best = problem.benefit.max(axis=1, initial=0.0)
    return float(best[best > 0].mean()) if bool((best > 0).any()) else 1.0


def bound_by_prices(encoded: Encoded, prices: Prices, pool: ThreadPoolExecutor) -> float:
    """Bound that prices prove, by the single-precision kernel."""
    tables = spread_prices(encoded, prices)
    n_sites = len(encoded.columns.first) - 1
    edges = np.linspace(0, n_sites, RANGES + 1).astype(np.int64).tolist()
    parts = pool.map(
        lambda k: sum_best(encoded.columns, tables, edges[k], edges[k + 1]), range(RANGES)
    )
    return limits_at(encoded.problem, prices) + sum(parts)


def limits_at(problem: CampaignProblem, prices: Prices) -> float:
    """What all limits are worth at their prices; a limit without end has no price."""
    pairs = (
        (problem.labour_limit_h, prices.labour),
        (problem.possession_limit_h, prices.possession),
        (problem.supply, prices.material),
        (problem.budget, prices.budget),
    )
    return float(sum((limit[price > 0] * price[price > 0]).sum() for limit, price in pairs))


def draw_sample(encoded: Encoded, part: int, rng: np.random.Generator) -> Encoded:
    """One in `part` of the sites, with that part of all limits: its prices are about the same."""
    columns, problem = encoded.columns, encoded.problem
    n_sites = len(columns.first) - 1
    sites = np.sort(rng.permutation(n_sites)[: max(1, n_sites // part)])
    counts = np.diff(columns.first)[sites]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    within = np.arange(first[-1]) - np.repeat(first[:-1], counts)
    options = np.repeat(columns.first[sites], counts) + within
    share = 1.0 / part
    return replace(
        encoded,
        problem=problem.with_limits(labour=share, possession=share, material=share, budget=share),
        columns=Columns(first, *(column[options] for column in columns[1:])),
    )


def search_prices(
    encoded: Encoded,
    start: Prices,
    stages: Sequence[Stage],
    *,
    pool: ThreadPoolExecutor,
    deadline: float,
    scale: float | None = None,
    repeats: int = MOST_REPEATS,
) -> Prices:
    """Prices that prove a low bound, from a start.

    Parameters
    ----------
    encoded : Encoded
        Problem for the kernels.
    start : Prices
        First prices; nothing, or those of a similar problem.
    stages : Sequence[Stage]
        Temperatures in falling order.
    pool : ThreadPoolExecutor
        Threads of the sums.
    deadline : float
        Instant of `time.perf_counter` at which the search ends [s].
    scale : float | None
        What temperatures are shares of; the mean best benefit by default.
    repeats : int
        How often a stage is gone through at most while it still lowers the bound.
    """
    scale = mean_benefit(encoded.problem) if scale is None else scale
    descent = Descent(encoded, start)
    best, best_bound = start, bound_by_prices(encoded, start, pool)
    for stage in stages:
        is_cold = stage.temperature <= BEST_BELOW
        for repeat in range(MOST_REPEATS):
            descent.restart(best if is_cold else descent.prices)
            for step in range(stage.steps):
                if perf_counter() > deadline:
                    return best
                if step % REFRESH == 0:
                    descent.choose_sites(stage.temperature * scale, pool)
                descent.take_step(stage.temperature * scale, pool)
            bound = bound_by_prices(encoded, descent.prices, pool)
            won = best_bound - bound
            if won > 0:
                best, best_bound = descent.prices, bound
            elif is_cold and -won > WORSE * best_bound:
                # Steps were too long: again from the best, with shorter ones.
                descent.caution *= MORE_CAUTION
                continue
            if repeat + 1 >= repeats or won <= LEAST_WON * stage.temperature * abs(best_bound):
                break
    return best


REFRESH: Final = 8
# Sites whose best profit lies further below nothing, in temperatures, are left out of the sums.
IGNORED_BELOW: Final = 24.0


class Descent:
    """State of the descent: prices, where momentum leads, and sums over the sites that matter."""

    def __init__(self, encoded: Encoded, start: Prices) -> None:
        self.encoded = encoded
        self.prices = start
        self.ahead = start
        self.momentum = 1.0
        self.caution = 1.0
        self.ranges: list[Indices] = []

    def restart(self, prices: Prices) -> None:
        """Begin anew at some prices, without momentum."""
        self.prices = prices
        self.ahead = prices
        self.momentum = 1.0

    def choose_sites(self, temperature: float, pool: ThreadPoolExecutor) -> None:
        """Leave out sites that are far from worth doing at present prices."""
        columns = self.encoded.columns
        n_sites = len(columns.first) - 1
        best = np.empty(n_sites, dtype=np.float32)
        tables = spread_prices(self.encoded, self.ahead)
        edges = np.linspace(0, n_sites, RANGES + 1).astype(np.int64).tolist()
        list(
            pool.map(
                lambda k: best_of_sites(columns, tables, edges[k], edges[k + 1], best),
                range(RANGES),
            )
        )
        kept = np.flatnonzero(best > -IGNORED_BELOW * temperature).astype(np.int32)
        self.ranges = np.array_split(kept, RANGES)

    def take_step(self, temperature: float, pool: ThreadPoolExecutor) -> None:
        """One accelerated step at a temperature."""
        tables = spread_prices(self.encoded, self.ahead)
        sums = list(pool.map(lambda sites: self.sum_range(tables, sites, temperature), self.ranges))
        use = gather_use(self.encoded, _add_tables([each[0] for each in sums]))
        spread = gather_use(self.encoded, _add_tables([each[1] for each in sums]), squared=True)
        problem = self.encoded.problem
        limits = (
            (problem.labour_limit_h, "labour"),
            (problem.possession_limit_h, "possession"),
            (problem.supply, "material"),
            (problem.budget, "budget"),
        )
        moved, uphill = {}, 0.0
        for limit, name in limits:
            ahead, old = getattr(self.ahead, name), getattr(self.prices, name)
            used, second = getattr(use, name), getattr(spread, name) / temperature
            slope = np.where(np.isfinite(limit), limit - used, 0.0)
            size = np.abs(second) + FLOOR_SHARE * self.typical_second(name, limit) / temperature
            size = np.maximum(size, SMALLEST)
            new = project(ahead - slope / (STEP_FACTOR * self.caution * size), size, name)
            moved[name] = np.where(np.isfinite(limit), new, 0.0)
            uphill += float((slope * (moved[name] - old)).sum())
        new_prices = Prices(**moved)
        factor = 0.0
        if uphill > 0:
            self.momentum = 1.0
        else:
            following = (1.0 + np.sqrt(1.0 + 4.0 * self.momentum**2)) / 2.0
            factor = (self.momentum - 1.0) / following
            self.momentum = following
        self.ahead = Prices(
            **{
                name: project(
                    moved[name] + factor * (moved[name] - getattr(self.prices, name)),
                    np.ones_like(moved[name]),
                    name,
                )
                for name in moved
            }
        )
        self.prices = new_prices

    def sum_range(
        self, tables: PriceTables, sites: Indices, temperature: float
    ) -> tuple[PriceTables, PriceTables]:
        """Smoothed use of some sites, and its derivative."""
        use = PriceTables(*(np.zeros_like(table) for table in tables))
        spread = PriceTables(*(np.zeros_like(table) for table in tables))
        sum_smoothed(self.encoded.columns, tables, sites, temperature, use, spread)
        return use, spread

    def typical_second(self, name: str, limit: Floats) -> Floats:
        """Limit times the mean need of a column: the second derivative of a full limit."""
        columns = self.encoded.columns
        needs = {
            "labour": columns.labour,
            "possession": columns.possession,
            "material": columns.material,
            "budget": columns.cost,
        }[name]
        finite = np.where(np.isfinite(limit), limit, 0.0)
        if name == "material":
            mean = np.array([each[each > 0].mean() if (each > 0).any() else 1 for each in needs.T])
            typical = finite + finite.mean(axis=1, keepdims=True)
            return np.asarray(typical * mean[:, None], dtype=np.float64)
        mean_need = float(needs[needs > 0].mean()) if bool((needs > 0).any()) else 1.0
        least = float(finite.mean()) if finite.size else 1.0
        return np.asarray(np.maximum(finite, least) * mean_need, dtype=np.float64)


def project(prices: Floats, weight: Floats, name: str) -> Floats:
    """Nearest prices that are not negative and, of material, never rise."""
    if name != "material":
        return np.maximum(prices, 0.0)
    rows = [
        isotonic_regression(row, weights=w, increasing=False).x
        for row, w in zip(prices, weight, strict=True)
    ]
    return np.maximum(np.array(rows).reshape(prices.shape), 0.0)


def _add_tables(parts: Sequence[PriceTables]) -> PriceTables:
    """Sum of tables, in order."""
    labour, possession, material, cost = (
        np.asarray(np.sum(tables, axis=0, dtype=np.float64), dtype=np.float32)
        for tables in zip(*parts, strict=True)
    )
    return PriceTables(labour, possession, material, cost)
