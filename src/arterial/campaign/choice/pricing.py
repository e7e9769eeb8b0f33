"""Prices of all resources by smoothed descent, and the bound that they prove.

For any prices, no plan is worth more than the limits at their prices plus the best profit of every
site. `search_prices` lowers that bound: the best of a site's columns is softened to a weighted mean
at a temperature that falls in stages, descent follows the gradient (limit less use) over twice the
diagonal of second derivatives, with momentum that restarts when it points uphill [Nesterov 1983],
[O'Donoghue 2015]. Material is priced by the month from which on it is there: such prices never
rise, and a step is projected on that by weighted isotonic regression.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.effort import Stage
from arterial.campaign.choice.encode import (
    Columns,
    Encoded,
    PriceTables,
    gather_use,
    spread_prices,
)
from arterial.campaign.choice.price_kernel import (
    best_of_sites,
    level_rows,
    sum_best,
    sum_smoothed,
)
from arterial.campaign.choice.problem import CampaignProblem, Prices
from arterial.campaign.choice.stages import StageClock, Threads

__all__ = ["limits_at", "mean_benefit", "no_prices", "sample_sites", "search_prices"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

# Ranges of sites that are summed apart; fixed, so that sums do not depend on the machine.
RANGES: Final = 8
# Second derivatives are at least this share of what the limits would give at the temperature.
FLOOR_SHARE: Final = 0.1
STEP_FACTOR: Final = 2.0
SMALLEST: Final = 1e-12
# Times that a stage is gone through at most, with shorter and shorter steps.
MOST_TRIALS: Final = 6
# Steps were too long where a stage ends this share of the bound above the best.
WORSE: Final = 1e-4
MORE_CAUTION: Final = 3.0
# A stage is repeated while it lowers the bound by this share of its temperature.
LEAST_WON: Final = 0.02
# From this temperature on, smoothed and true bound are near enough to go on from the best.
BEST_BELOW: Final = 0.01
REFRESH: Final = 8
# Sites whose best profit lies further below nothing, in temperatures, are left out of the sums.
IGNORED_BELOW: Final = 24.0


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


def _bound_by_prices(encoded: Encoded, prices: Prices, threads: Threads) -> float:
    """Bound that prices prove, by the single-precision kernel."""
    tables = spread_prices(encoded, prices)
    n_sites = len(encoded.columns.first) - 1
    edges = np.linspace(0, n_sites, RANGES + 1).astype(np.int64).tolist()
    parts = threads.run(
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


def sample_sites(encoded: Encoded, part: int, rng: np.random.Generator) -> Encoded:
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
    threads: Threads,
    clock: StageClock,
    scale: float,
    repeats: int,
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
    threads : Threads
        Threads of the sums.
    clock : StageClock
        With the stage of prices open.
    scale : float
        What temperatures are shares of.
    repeats : int
        How often a stage is gone through at most while it still lowers the bound.
    """
    descent = _Descent(encoded, start, threads)
    best, best_bound = start, _bound_by_prices(encoded, start, threads)
    for stage in stages:
        is_cold = stage.temperature <= BEST_BELOW
        for repeat in range(MOST_TRIALS):
            descent.restart(best if is_cold else descent.prices)
            for step in range(stage.steps):
                if clock.must_end():
                    return best
                if step % REFRESH == 0:
                    descent.choose_sites(stage.temperature * scale)
                descent.take_step(stage.temperature * scale)
            bound = _bound_by_prices(encoded, descent.prices, threads)
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


class _Descent:
    """State of the descent: prices, where momentum leads, and sums over the sites that matter."""

    def __init__(self, encoded: Encoded, start: Prices, threads: Threads) -> None:
        self.encoded = encoded
        self.threads = threads
        problem = encoded.problem
        self.limits = (
            ("labour", problem.labour_limit_h),
            ("possession", problem.possession_limit_h),
            ("material", problem.supply),
            ("budget", problem.budget),
        )
        # Counted once: it runs over all options, and a search takes hundreds of steps.
        self.typical = {name: self._typical_second(name, limit) for name, limit in self.limits}
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

    def choose_sites(self, temperature: float) -> None:
        """Leave out sites that are far from worth doing at present prices."""
        columns = self.encoded.columns
        n_sites = len(columns.first) - 1
        best = np.empty(n_sites, dtype=np.float32)
        tables = spread_prices(self.encoded, self.ahead)
        edges = np.linspace(0, n_sites, RANGES + 1).astype(np.int64).tolist()
        self.threads.run(
            lambda k: best_of_sites(columns, tables, edges[k], edges[k + 1], best), range(RANGES)
        )
        kept = np.flatnonzero(best > -IGNORED_BELOW * temperature).astype(np.int32)
        self.ranges = np.array_split(kept, RANGES)

    def take_step(self, temperature: float) -> None:
        """One accelerated step at a temperature."""
        tables = spread_prices(self.encoded, self.ahead)
        # Sums of each range apart, so that their order does not hang on the threads.
        sums, squares = (
            PriceTables(*(np.zeros((RANGES, *table.shape), np.float32) for table in tables))
            for _ in range(2)
        )

        def add_range(k: int) -> None:
            use, spread = (PriceTables(*(table[k] for table in each)) for each in (sums, squares))
            sum_smoothed(self.encoded.columns, tables, self.ranges[k], temperature, use, spread)

        self.threads.run(add_range, range(RANGES))
        use = gather_use(self.encoded, _add_ranges(sums))
        spread = gather_use(self.encoded, _add_ranges(squares), squared=True)
        moved, uphill = {}, 0.0
        for name, limit in self.limits:
            ahead, old = getattr(self.ahead, name), getattr(self.prices, name)
            used, second = getattr(use, name), getattr(spread, name) / temperature
            slope = np.where(np.isfinite(limit), limit - used, 0.0)
            size = np.abs(second) + FLOOR_SHARE * self.typical[name] / temperature
            size = np.maximum(size, SMALLEST)
            new = _project(ahead - slope / (STEP_FACTOR * self.caution * size), size, name)
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
                name: _project(
                    moved[name] + factor * (moved[name] - getattr(self.prices, name)),
                    np.ones_like(moved[name]),
                    name,
                )
                for name in moved
            }
        )
        self.prices = new_prices

    def _typical_second(self, name: str, limit: Floats) -> Floats:
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


def _project(prices: Floats, weight: Floats, name: str) -> Floats:
    """Nearest prices that are not negative and, of material, never rise."""
    if name != "material":
        return np.maximum(prices, 0.0)
    return np.asarray(np.maximum(level_rows(prices, weight), 0.0))


def _add_ranges(parts: PriceTables) -> PriceTables:
    """Sum over ranges of sites, in order."""
    labour, possession, material, cost = (
        np.asarray(np.sum(table, axis=0, dtype=np.float64), dtype=np.float32) for table in parts
    )
    return PriceTables(labour, possession, material, cost)
