"""A plan of the renewal campaign, with a proof of how good it is.

`solve_campaign` searches prices of all resources (`pricing`), inserts works by profit at those
prices and repacks months (`planning`), anneals or refills them, and, where possession is scarce,
lowers the bound by keeping works whole; where works are large against a month's labour, they are
placed exactly (`placing`). What it returns was counted by `certificate`, in double precision.
`Solver` seeks plans again and again, among what is worth something.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.annealing_kernel import Heat
from arterial.campaign.choice.certificate import check_bound, check_packing_bound, check_plan
from arterial.campaign.choice.curves import find_value
from arterial.campaign.choice.effort import Effort, PlacingEffort
from arterial.campaign.choice.encode import Encoded, encode_problem
from arterial.campaign.choice.placing import place_large
from arterial.campaign.choice.planning import Planner, SavedPlan
from arterial.campaign.choice.pricing import (
    limits_at,
    mean_benefit,
    no_prices,
    sample_sites,
    search_prices,
)
from arterial.campaign.choice.problem import NEVER, CampaignProblem, CampaignSolution, Prices
from arterial.campaign.choice.pruning import prune_problem, reduce_start, restore_solution
from arterial.campaign.choice.refilling_kernel import Refill
from arterial.campaign.choice.stages import StageClock, Threads
from arterial.errors import LimitError
from arterial.randomness import stream

__all__ = ["Solver", "solve_campaign"]

# Shares of a time limit at which stages end at the latest; checks come after the last.
PRICES_UNTIL: Final = 0.4

PLAN_UNTIL: Final = 0.5

SEARCH_UNTIL: Final = 0.86

REPACKING_UNTIL: Final = 0.94


def solve_campaign(
    problem: CampaignProblem,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int = 2,
    rounds: int | None = None,
    start: CampaignSolution | None = None,
) -> CampaignSolution:
    """Choose works and their months, and prove how far the plan can be from the best.

    Parameters
    ----------
    problem : CampaignProblem
        Sites, options and limits.
    time_limit_s : float
        Wall time after which the search ends with what it has [s]. It ends by itself long before,
        unless the problem is very large; `is_cut` of the solution says which it was.
    seed : int
        Seed of orders and moves.
    workers : int
        Threads; they change no result, unless time runs out.
    rounds : int | None
        Rounds of annealing, and most passes of refilling; None = as the problem's size asks for.
    start : CampaignSolution | None
        Solution of a problem of the same sites with other limits, to begin from.

    Returns
    -------
    CampaignSolution
        Plan, worth, bound and prices, counted in double precision.

    Examples
    --------
    Two works of 6 and 5 that need the same gang in the one month there is.

    >>> import numpy as np
    >>> one = np.ones(2)
    >>> problem = CampaignProblem(
    ...     first_option=np.arange(3, dtype=np.int32),
    ...     pool=np.zeros(2, dtype=np.int32),
    ...     line=np.zeros(2, dtype=np.int32),
    ...     benefit=np.array([[6.0], [5.0]], dtype=np.float32),
    ...     labour_h=one, possession_h=one, material=np.zeros((2, 0)), cost=one,
    ...     season=np.zeros(2, dtype=np.int32), duration_months=np.ones(2, dtype=np.int32),
    ...     season_need=np.ones((1, 1)), labour_limit_h=np.ones((1, 1)),
    ...     possession_limit_h=np.full((1, 1), 9.0), supply=np.zeros((0, 1)),
    ...     budget=np.zeros(0), year=np.zeros(1, dtype=np.int32),
    ... )
    >>> solution = solve_campaign(problem, time_limit_s=300.0)
    >>> solution.month.tolist(), solution.value, round(solution.bound, 2)
    ([0, -1], 6.0, 6.0)
    """
    if time_limit_s <= 0 or workers < 1:
        message = (
            f"A time limit and workers above nothing are needed, not {time_limit_s}, {workers}."
        )
        raise LimitError(message)
    clock = StageClock(time_limit_s)
    found = _search_plan(problem, clock, seed=seed, workers=workers, rounds=rounds, start=start)

    def search(rest: CampaignProblem, before: CampaignSolution | None) -> CampaignSolution:
        inner = StageClock(clock.left_s())
        beside = _search_plan(rest, inner, seed=seed, workers=workers, rounds=rounds, start=before)
        clock.note(is_cut=inner.is_cut)
        return beside

    if rounds is None or rounds > 0:
        with clock.open("placing", 1.0):
            placing = PlacingEffort.for_first() if start is None else PlacingEffort.for_again()
            found = place_large(problem, found, search, placing, clock)
    return replace(found, seconds=clock.seconds, is_cut=clock.is_cut)


def _search_plan(
    problem: CampaignProblem,
    clock: StageClock,
    *,
    seed: int,
    workers: int,
    rounds: int | None,
    start: CampaignSolution | None,
) -> CampaignSolution:
    """A plan by prices, with what they prove."""
    choose = Effort.for_first if start is None else Effort.for_again
    effort = choose(problem.n_sites)
    if rounds is not None:
        effort = effort.with_rounds(rounds)
    encoded = encode_problem(problem)
    with ThreadPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
        threads = Threads(pool)
        with clock.open("prices", PRICES_UNTIL):
            prices = _find_prices(
                encoded,
                start,
                effort,
                rng=stream(seed, "campaign/sample"),
                threads=threads,
                clock=clock,
            )
        planner = Planner(encoded, prices, stream(seed, "campaign/plan"), threads, clock.stop)
        with clock.open("plan", PLAN_UNTIL):
            if start is not None:
                planner.restore(_find_places(encoded, start))
            planner.insert()
            _repack(planner, effort.shares, clock)
        best = planner.save()
        is_possession_scarce = _is_possession_scarce(planner, effort)
        with clock.open("search", SEARCH_UNTIL):
            if is_possession_scarce:
                best = _anneal_plan(planner, best, effort, clock)
            else:
                _refill_plan(planner, effort, clock)
        with clock.open("repacking", REPACKING_UNTIL):
            best = _repack_last(planner, best, effort, clock)
    with clock.open("checks", 1.0):
        site_worth = None
        if is_possession_scarce:
            site_worth = np.zeros(problem.n_sites)
            site_worth[encoded.site_order] = np.maximum(planner.best_profit, 0.0)
        return _certify(encoded, best, prices, site_worth)


def _find_prices(
    encoded: Encoded,
    start: CampaignSolution | None,
    effort: Effort,
    *,
    rng: np.random.Generator,
    threads: Threads,
    clock: StageClock,
) -> Prices:
    """Prices from nothing, or from a solution."""
    # Those of a sample too are shares of the mean over all sites.
    scale = mean_benefit(encoded.problem)
    prices = no_prices(encoded.problem) if start is None else start.prices
    if effort.sample_stages:
        sample = sample_sites(encoded, effort.sample_part, rng)
        prices = search_prices(
            sample, prices, effort.sample_stages,
            threads=threads, clock=clock, scale=scale, repeats=1,
        )  # fmt: skip
    return search_prices(
        encoded, prices, effort.stages,
        threads=threads, clock=clock, scale=scale, repeats=effort.repeats,
    )  # fmt: skip


def _find_places(encoded: Encoded, start: CampaignSolution) -> SavedPlan:
    """A solution's plan in the order of the encoded problem."""
    place = np.empty(encoded.problem.n_options, dtype=np.int32)
    place[encoded.option_order] = np.arange(len(place), dtype=np.int32)
    option = start.option[encoded.site_order]
    return SavedPlan(
        option=np.where(option >= 0, place[option], NEVER).astype(np.int32),
        month=start.month[encoded.site_order],
        value=start.value,
    )


def _is_possession_scarce(planner: Planner, effort: Effort) -> bool:
    """Whether possession is worth enough for whole works to matter to the bound."""
    problem, prices = planner.encoded.problem, planner.prices
    bound = limits_at(problem, prices) + float(np.maximum(planner.best_profit, 0.0).sum())
    limit, price = problem.possession_limit_h, prices.possession
    worth = float((limit[price > 0] * price[price > 0]).sum())
    return worth >= effort.least_possession_share * bound


def _repack(planner: Planner, shares: tuple[float, ...], clock: StageClock) -> None:
    """Repack all months at falling shares of the prices."""
    for share in shares:
        if clock.must_end():
            return
        planner.improve(share)


def _refill_plan(planner: Planner, effort: Effort, clock: StageClock) -> None:
    """Refill months at falling shares of the prices."""
    # A plan at full prices is no plan: each share has its time, the last as much as the first.
    shares = effort.refill_shares if effort.passes > 0 else effort.refill_shares[-1:]
    for number, share in enumerate(shares):
        with clock.slot(len(shares) - number):
            planner.refill(Refill(share, effort.refill_here, effort.passes, effort.refill_taken))


def _anneal_plan(planner: Planner, best: SavedPlan, effort: Effort, clock: StageClock) -> SavedPlan:
    """The best plan of rounds of annealing, which the planner goes on from."""
    scale = mean_benefit(planner.encoded.problem)
    heat = Heat(
        effort.hot * scale, effort.cold * scale, effort.moves_per_site, 1.0, effort.margin * scale
    )
    for _ in range(effort.rounds):
        if clock.must_end():
            break
        planner.anneal(heat)
        plan = planner.save()
        if plan.value > best.value:
            best = plan
    planner.restore(best)
    return best


def _repack_last(planner: Planner, best: SavedPlan, effort: Effort, clock: StageClock) -> SavedPlan:
    """The better of a plan and of the planner's, repacked once more at low shares of the prices."""
    plan = planner.save()
    if plan.value > best.value:
        best = plan
    for share in effort.last_shares:
        if clock.must_end():
            break
        planner.improve(share)
        plan = planner.save()
        if plan.value > best.value:
            best = plan
    planner.restore(best)
    planner.fill()
    plan = planner.save()
    return plan if plan.value > best.value else best


def _certify(
    encoded: Encoded, plan: SavedPlan, prices: Prices, site_worth: NDArray[np.float64] | None
) -> CampaignSolution:
    """The solution in the order of the problem, counted by the independent checks.

    With the worth of each site, possession is kept by whole works instead of prices. It is what
    the prices leave the site; steps along the slope better that by less than 2 in 100,000.
    """
    problem = encoded.problem
    option = np.full(problem.n_sites, NEVER, dtype=np.int32)
    month = np.full(problem.n_sites, NEVER, dtype=np.int32)
    done = plan.option >= 0
    option[encoded.site_order[done]] = encoded.option_order[plan.option[done]]
    month[encoded.site_order[done]] = plan.month[done]
    value = check_plan(problem, option, month)
    price_bound = bound = check_bound(problem, prices)
    whole = None
    if site_worth is not None:
        whole = replace(prices, possession=np.zeros_like(prices.possession))
        bound = min(bound, check_packing_bound(problem, whole, site_worth))
    gap = bound / value - 1.0 if value > 0 else (0.0 if bound <= 0 else float("inf"))
    return CampaignSolution(
        option=option,
        month=month,
        value=value,
        price_bound=price_bound,
        bound=bound,
        gap=gap,
        prices=prices,
        packing_prices=whole,
        site_worth=site_worth,
    )


@dataclass(frozen=True, kw_only=True)
class Solver:
    """How plans are sought.

    Parameters
    ----------
    seed : int
        Seed of the study.
    time_limit_s : float
        Wall time of the plan [s].
    threads : int
        Threads of one search.
    """

    seed: int
    time_limit_s: float
    threads: int

    def solve_again(self, problem: CampaignProblem, start: CampaignSolution) -> CampaignSolution:
        """A plan of a problem that is changed a little, never worse than the one it began from."""
        found = self.solve(problem, start=start)
        value = find_value(problem, start)
        if value is None or value <= found.value:
            return found
        gap = found.bound / value - 1.0 if value > 0 else 0.0
        return replace(found, option=start.option, month=start.month, value=value, gap=gap)

    def solve(
        self, problem: CampaignProblem, *, start: CampaignSolution | None = None
    ) -> CampaignSolution:
        """A plan with its bound, sought among the options that are worth something."""
        pruned = prune_problem(problem)
        begin = start if pruned is None or start is None else reduce_start(pruned, start)
        found = solve_campaign(
            problem if pruned is None else pruned.problem,
            time_limit_s=self.time_limit_s,
            seed=self.seed,
            workers=self.threads,
            start=begin,
        )
        return found if pruned is None else restore_solution(pruned, found)
