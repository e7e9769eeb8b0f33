"""A plan under way: greedy insertion by profit, repacking of months, annealing, all by prices.

`Planner` holds the plan, what is left of each limit, and what share of each price is asked. Shares
fall where something is left over and rise where it is short, for a plan of whole works never uses
quite what the prices suppose. Pools that share no line are worked at in two halves at once; each
half may use half of the material that is left, so that neither waits and the result is the same on
any number of threads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from arterial.campaign.choice.annealing_kernel import Heat, Places, anneal_sites, list_places
from arterial.campaign.choice.encode import Encoded, PriceTables, list_needs, spread_prices
from arterial.campaign.choice.plan_kernel import Remaining, State, Work, insert_in_order, put_all
from arterial.campaign.choice.price_kernel import best_of_sites
from arterial.campaign.choice.problem import CampaignProblem, Prices
from arterial.campaign.choice.refilling_kernel import Refill, refill_pool
from arterial.campaign.choice.repacking_kernel import GRID, MOST_ITEMS, improve_lines
from arterial.campaign.choice.stages import Threads

__all__ = ["Planner", "SavedPlan"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

HALVES: Final = 2
# Asked of material in the first insertion: a little early is better than too late.
FIRST_MATERIAL_SHARE: Final = 0.97
# How shares of prices answer to what is left, by trial: rise of each round, fall for a limit left
# whole, fall for a month's supply left; and their ends.
SHARE_RISE: Final = 0.02
LABOUR_FALL: Final = 2.0
MATERIAL_FALL: Final = 0.1
LABOUR_ENDS: Final = (0.5, 1.02)
MATERIAL_ENDS: Final = (0.05, 1.2)
FIRST_ANNEALED_SHARE: Final = 0.85


@dataclass(frozen=True, eq=False)
class SavedPlan:
    """Option and month of each site, in the order of the encoded problem, and their worth."""

    option: Indices
    month: Indices
    value: float


def list_limits(problem: CampaignProblem) -> Remaining:
    """Limits of a problem before anything is planned."""
    material = np.cumsum(problem.supply, axis=1)
    return Remaining(
        labour=problem.labour_limit_h.copy(),
        possession=problem.possession_limit_h.copy(),
        material=material,
        free=_least_from(material),
        budget=problem.budget.copy(),
    )


def _least_from(material: Floats) -> Floats:
    """Least of each row from a month on."""
    return np.ascontiguousarray(np.minimum.accumulate(material[:, ::-1], axis=1)[:, ::-1])


def _split_lines(encoded: Encoded) -> list[Indices]:
    """Lines in two halves that share no pool, as even as that allows."""
    problem = encoded.problem
    n_pools, n_lines = problem.labour_limit_h.shape[0], problem.possession_limit_h.shape[0]
    ends = n_pools + n_lines
    graph = coo_array(
        (np.ones(problem.n_sites, dtype=np.int8), (problem.pool, n_pools + problem.line)),
        shape=(ends, ends),
    )
    part = connected_components(graph, directed=False)[1][n_pools:]
    sites = np.diff(encoded.line_first)
    half = np.zeros(part.max(initial=0) + 1, dtype=np.int64)
    load = np.zeros(HALVES)
    sizes = np.bincount(part, sites, minlength=len(half))
    for k in np.argsort(-sizes, kind="stable"):
        half[k] = int(np.argmin(load))
        load[half[k]] += sizes[k]
    return [np.flatnonzero(half[part] == h).astype(np.int32) for h in range(HALVES)]


class Planner:
    """A plan under way, by prices.

    Parameters
    ----------
    encoded : Encoded
        Problem for the kernels.
    prices : Prices
        Prices that guide the plan.
    rng : np.random.Generator
        Chance of orders and moves.
    threads : Threads
        Threads of the two halves.
    stop : ndarray of bool
        Raised where kernels have to end, `(1,)`.
    """

    def __init__(
        self,
        encoded: Encoded,
        prices: Prices,
        rng: np.random.Generator,
        threads: Threads,
        stop: NDArray[np.bool_],
    ) -> None:
        self.encoded, self.prices, self.rng = encoded, prices, rng
        self.threads, self.stop = threads, stop
        self.needs = list_needs(encoded)
        self.lines = _split_lines(encoded)
        self.tables = spread_prices(encoded, prices)
        n_sites = len(encoded.site_order)
        self.best_profit = np.empty(n_sites, dtype=np.float32)
        best_of_sites(encoded.columns, self.tables, 0, n_sites, self.best_profit)
        self.labour_share = np.ones(prices.labour.shape)
        self.material_share = np.full(prices.material.shape, FIRST_ANNEALED_SHARE)
        self.restore(None)

    def restore(self, plan: SavedPlan | None) -> None:
        """Begin with an empty plan, or with another as far as it fits."""
        n_sites = len(self.encoded.site_order)
        self.remaining = list_limits(self.encoded.problem)
        self.option = np.full(n_sites, -1, dtype=np.int32)
        self.month = np.full(n_sites, -1, dtype=np.int32)
        if plan is not None:
            work = self.make_workspace(rows=1)
            put_all(self.needs, self.remaining, work, plan.option, plan.month)

    def save(self) -> SavedPlan:
        """The plan as it stands."""
        chosen = np.flatnonzero(self.option >= 0)
        benefit = self.encoded.columns.benefit[self.option[chosen], self.month[chosen]]
        return SavedPlan(
            self.option.copy(), self.month.copy(), float(benefit.sum(dtype=np.float64))
        )

    def make_workspace(self, *, rows: int | None = None) -> Work:
        """The plan with room for a thread to work in."""
        edges = self.encoded.columns.first[self.encoded.line_first]
        most = int(np.diff(edges).max(initial=1)) if rows is None else rows
        return Work(
            option=self.option,
            month=self.month,
            profit=np.zeros((most, self.encoded.problem.n_months), dtype=np.float32),
            table=np.zeros((MOST_ITEMS + 1, GRID + 1), dtype=np.float32),
        )

    def insert(self) -> None:
        """Put in what has profit, most first, each site where it has most and fits."""
        asked = self.tables._replace(material=self.tables.material * FIRST_MATERIAL_SHARE)
        asked = PriceTables(*(table.astype(np.float32) for table in asked))
        order = np.argsort(-self.best_profit, kind="stable").astype(np.int32)
        insert_in_order(
            self.encoded.columns,
            asked,
            self.needs,
            self.remaining,
            self.make_workspace(),
            order,
            0.0,
        )

    def fill(self) -> None:
        """Put in what still fits and is worth anything, whatever its prices."""
        free = PriceTables(*(np.zeros_like(table) for table in self.tables))
        order = np.argsort(-self.best_profit, kind="stable").astype(np.int32)
        work = self.make_workspace()
        insert_in_order(self.encoded.columns, free, self.needs, self.remaining, work, order, 0.0)

    def improve(self, share: float) -> None:
        """Repack every month of every line, then retime and fill, at a share of the prices."""
        # Possession is kept as it is: its hours are filled by knapsack, not by price.
        tables = self.tables._replace(possession=np.zeros_like(self.tables.possession))
        tables = tables._replace(
            material=(tables.material * FIRST_MATERIAL_SHARE).astype(np.float32)
        )
        months = self.rng.permutation(self.encoded.problem.n_months).astype(np.int32)
        orders = [self.rng.permutation(lines).astype(np.int32) for lines in self.lines]

        def work(half: int, remaining: Remaining) -> None:
            state = State(
                self.encoded.columns,
                tables,
                self.needs,
                remaining,
                self.make_workspace(),
                self.stop,
            )
            improve_lines(state, self.encoded.line_first, orders[half], months, share)

        self.run_halves(work)

    def refill(self, refill: Refill) -> None:
        """Refill months of every pool at random."""
        chances = self.rng.integers(1, 2**63, size=HALVES, dtype=np.uint64)

        def work(half: int, remaining: Remaining) -> None:
            workspace = self.make_workspace(rows=1)
            state = State(
                self.encoded.columns, self.tables, self.needs, remaining, workspace, self.stop
            )
            here = self.sites_of(half)
            for pool in np.unique(self.needs.pool[here]).tolist():
                sites = here[self.needs.pool[here] == pool].astype(np.int32)
                refill_pool(state, sites, refill, chances[half : half + 1])

        self.run_halves(work)

    def anneal(self, heat: Heat) -> None:
        """One round of annealing at the shares that what is left asks for."""
        self.adapt_shares()
        prices = self.shared_prices()
        tables = spread_prices(self.encoded, prices)
        n_sites = len(self.option)
        problem = self.encoded.problem

        def chains(rows: int) -> Indices:
            return np.full((rows, problem.n_months), -1, dtype=np.int32)

        ends = [np.full(n_sites, -1, dtype=np.int32) for _ in range(4)]
        places = Places(
            pool_head=chains(len(problem.labour_limit_h)),
            pool_next=ends[0],
            pool_back=ends[1],
            line_head=chains(len(problem.possession_limit_h)),
            line_next=ends[2],
            line_back=ends[3],
            worth=np.zeros(n_sites),
            top=np.zeros(n_sites, dtype=np.float32),
            card=np.zeros((n_sites, 2 + len(problem.supply))),
        )
        list_places(self.encoded.columns, tables, self.needs, self.make_workspace(rows=1), places)
        margin = -heat.margin
        chances = self.rng.integers(1, 2**63, size=HALVES, dtype=np.uint64)

        def work(half: int, remaining: Remaining) -> None:
            workspace = self.make_workspace(rows=1)
            state = State(self.encoded.columns, tables, self.needs, remaining, workspace, self.stop)
            for pool in np.unique(self.needs.pool[self.sites_of(half)]).tolist():
                here = (self.needs.pool == pool) & (
                    (self.best_profit > margin) | (self.option >= 0)
                )
                sites = np.flatnonzero(here).astype(np.int32)
                anneal_sites(state, places, sites, heat, chances[half : half + 1])

        self.run_halves(work)

    def sites_of(self, half: int) -> NDArray[np.int64]:
        """Sites on the lines of a half."""
        edges = self.encoded.line_first
        parts = [np.arange(edges[line], edges[line + 1]) for line in self.lines[half].tolist()]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)

    def run_halves(self, work: Callable[[int, Remaining], None]) -> None:
        """Let both halves work at once, each with half of the material and money that is left."""
        shared = [
            self.remaining._replace(
                material=self.remaining.material / HALVES,
                free=self.remaining.free / HALVES,
                budget=self.remaining.budget / HALVES,
            )
            for _ in range(HALVES)
        ]
        self.threads.run(lambda half: work(half, shared[half]), range(HALVES))
        material = sum(each.material for each in shared)
        self.remaining = self.remaining._replace(
            material=np.asarray(material),
            free=_least_from(np.asarray(material)),
            budget=np.asarray(sum(each.budget for each in shared)),
        )

    def adapt_shares(self) -> None:
        """Ask less for what is left over, more for what is short."""
        problem = self.encoded.problem
        limit = problem.labour_limit_h
        over = np.divide(
            self.remaining.labour,
            limit,
            out=np.zeros(limit.shape),
            where=np.isfinite(limit) & (limit > 0.0),
        )
        self.labour_share = np.clip(
            self.labour_share * np.exp(SHARE_RISE - LABOUR_FALL * over), *LABOUR_ENDS
        )
        monthly = problem.supply.mean(axis=1, keepdims=True)
        over = np.divide(
            np.maximum(self.remaining.material, 0.0),
            monthly,
            out=np.zeros(problem.supply.shape),
            where=np.isfinite(monthly) & (monthly > 0.0),
        )
        self.material_share = np.clip(
            self.material_share * np.exp(SHARE_RISE - MATERIAL_FALL * over), *MATERIAL_ENDS
        )

    def shared_prices(self) -> Prices:
        """Prices at their shares; of material, each fall of the price has its own."""
        falls = -np.diff(self.prices.material, axis=1, append=0.0)
        material = np.cumsum((falls * self.material_share)[:, ::-1], axis=1)[:, ::-1]
        return Prices(
            labour=self.prices.labour * self.labour_share,
            possession=self.prices.possession,
            material=material,
            budget=self.prices.budget,
        )
