"""A plan of the renewal campaign, with a proof of how good it is.

`solve_campaign` searches prices of all resources (`dual`), inserts works by profit at those prices
and repacks months (`plan`), anneals (`annealing`), and, where possession is scarce, lowers the
bound by keeping works whole (`packing`). What it returns was counted by `certificate`, in double
precision.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.annealing_kernel import Heat
from arterial.campaign.choice.bounding import PackingBound, bound_by_packing, count_line_values
from arterial.campaign.choice.certificate import check_bound, check_packing_bound, check_plan
from arterial.campaign.choice.encode import Encoded, encode_problem
from arterial.campaign.choice.packing_kernel import Steps
from arterial.campaign.choice.planning import Planner, SavedPlan
from arterial.campaign.choice.pricing import (
    MOST_REPEATS,
    Stage,
    draw_sample,
    limits_at,
    mean_benefit,
    no_prices,
    search_prices,
)
from arterial.campaign.choice.problem import NEVER, CampaignProblem, CampaignSolution, Prices
from arterial.campaign.choice.refilling_kernel import Refill
from arterial.errors import LimitError
from arterial.randomness import stream

__all__ = ["solve_campaign"]

Indices = NDArray[np.int32]

# Temperatures as shares of the mean best benefit, and steps at each.
STAGES: Final[tuple[Stage, ...]] = (
    Stage(0.3, 20), Stage(0.1, 25), Stage(0.03, 30), Stage(0.01, 40), Stage(0.003, 50),
    Stage(0.001, 50), Stage(0.0005, 40), Stage(0.0003, 30),
)  # fmt: skip
# After a change of limits prices move far: of a large problem, first those of a sample.
AGAIN_STAGES: Final[tuple[Stage, ...]] = (Stage(0.01, 40), Stage(0.003, 40), Stage(0.001, 30))
SAMPLE_STAGES: Final = (Stage(0.1, 25), Stage(0.03, 30), Stage(0.01, 30))
LARGE: Final = 20_000
SAMPLE_PART: Final = 10
SHARES: Final = (1.0, 0.95, 0.9, 0.8, 0.6, 0.3)
AGAIN_SHARES: Final = (0.95, 0.8)
LAST_SHARES: Final = (0.9, 0.6, 0.3)
# Share of the time by which prices end, and the bound by packing.
PRICES_UNTIL: Final = 0.5
PACKING_SHARE: Final = 0.3
ANNEAL_UNTIL: Final = 0.9
# Possession must be worth this share of the bound for whole works to matter to it.
LEAST_POSSESSION_SHARE: Final = 0.03
PACKING_STEPS: Final = 400
PACKING_SECONDS_A_STEP_AND_SITE: Final = 3e-6
# Refilling: shares of the prices asked, from more than all of them, which makes room, down.
REFILL_SHARES: Final = (1.02, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.91, 0.88, 0.85)
REFILL_HERE: Final = 0.6
REFILL_TAKEN: Final = 8.0
REFILL_TIME_SHARE: Final = 0.35
REFILL_AGAIN_TIME_SHARE: Final = 0.15
REFILL_SECONDS_A_PASS_AND_SITE: Final = 3.3e-6
FEWEST_PASSES: Final = 0.5
# Temperatures of annealing, as shares of the mean best benefit.
HOT: Final = 0.002
COLD: Final = 0.0005
MARGIN: Final = 0.03
MOVES_PER_SITE: Final = 2.0


def solve_campaign(
    problem: CampaignProblem,
    *,
    time_limit_s: float = 60.0,
    seed: int = 0,
    workers: int = 2,
    rounds: int = 24,
    start: CampaignSolution | None = None,
) -> CampaignSolution:
    """Choose works and their months, and prove how far the plan can be from the best.

    Parameters
    ----------
    problem : CampaignProblem
        Sites, options and limits.
    time_limit_s : float
        Wall time after which the search ends as soon as it can [s].
    seed : int
        Seed of orders and moves.
    workers : int
        Threads; they change no result, unless time runs out.
    rounds : int
        Most rounds of annealing.
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
    >>> solution = solve_campaign(problem, time_limit_s=5.0)
    >>> solution.month.tolist(), solution.value, round(solution.bound, 2)
    ([0, -1], 6.0, 6.0)
    """
    if time_limit_s <= 0 or workers < 1:
        message = (
            f"A time limit and workers above nothing are needed, not {time_limit_s}, {workers}."
        )
        raise LimitError(message)
    began = perf_counter()
    seconds: dict[str, float] = {}
    encoded = encode_problem(problem)
    with ThreadPoolExecutor(workers) as pool:
        until = began + PRICES_UNTIL * time_limit_s
        prices = _find_prices(
            encoded, start, rng=stream(seed, "campaign/sample"), pool=pool, until=until
        )
        seconds["prices"] = perf_counter() - began
        planner = Planner(encoded, prices, stream(seed, "campaign/plan"), pool)
        if start is not None:
            planner.restore(find_places(encoded, start))
        until = began + ANNEAL_UNTIL * time_limit_s
        make_plan(planner, SHARES if start is None else AGAIN_SHARES, until=until)
        best = planner.save()
        seconds["plan"] = perf_counter() - began - sum(seconds.values())
        packing = _find_packing(encoded, planner, pool=pool, time_limit_s=time_limit_s)
        seconds["packing"] = perf_counter() - began - sum(seconds.values())
        if packing is None:
            share = REFILL_TIME_SHARE if start is None else REFILL_AGAIN_TIME_SHARE
            passes = min(_count_passes(problem.n_sites, share * time_limit_s), float(rounds))
            best = _refill_plan(planner, best, passes=passes, until=until)
        else:
            best = _anneal_plan(planner, best, rounds=rounds, until=until)
        seconds["annealing"] = perf_counter() - began - sum(seconds.values())
    solution = _certify(encoded, best, prices, packing)
    seconds["checks"] = perf_counter() - began - sum(seconds.values())
    return replace(solution, seconds=seconds)


def _find_prices(
    encoded: Encoded,
    start: CampaignSolution | None,
    *,
    rng: np.random.Generator,
    pool: ThreadPoolExecutor,
    until: float,
) -> Prices:
    """Prices from nothing, or from a solution."""
    scale = mean_benefit(encoded.problem)
    is_large = encoded.problem.n_sites >= LARGE
    # A small problem has time to go through each stage until it wins no more.
    repeats = 1 if is_large else MOST_REPEATS
    prices = no_prices(encoded.problem) if start is None else start.prices
    stages = STAGES if start is None else AGAIN_STAGES
    if start is not None and is_large:
        prices = search_prices(
            draw_sample(encoded, SAMPLE_PART, rng), prices, SAMPLE_STAGES,
            pool=pool, deadline=until, scale=scale, repeats=1,
        )  # fmt: skip
    return search_prices(
        encoded, prices, stages, pool=pool, deadline=until, scale=scale, repeats=repeats
    )


def find_places(encoded: Encoded, start: CampaignSolution) -> SavedPlan:
    """A solution's plan in the order of the encoded problem."""
    place = np.empty(encoded.problem.n_options, dtype=np.int32)
    place[encoded.option_order] = np.arange(len(place), dtype=np.int32)
    option = start.option[encoded.site_order]
    return SavedPlan(
        option=np.where(option >= 0, place[option], NEVER).astype(np.int32),
        month=start.month[encoded.site_order],
        value=start.value,
    )


def make_plan(planner: Planner, shares: tuple[float, ...], *, until: float) -> None:
    """A first good plan: insertion, then repacking at falling shares of the prices."""
    planner.insert()
    for share in shares:
        if perf_counter() > until:
            return
        planner.improve(share)


def _find_packing(
    encoded: Encoded, planner: Planner, *, pool: ThreadPoolExecutor, time_limit_s: float
) -> PackingBound | None:
    """The bound with whole works, where possession is scarce enough for it to matter."""
    prices = planner.prices
    bound = limits_at(encoded.problem, prices) + float(np.maximum(planner.best_profit, 0.0).sum())
    limit, price = encoded.problem.possession_limit_h, prices.possession
    if float((limit[price > 0] * price[price > 0]).sum()) < LEAST_POSSESSION_SHARE * bound:
        return None
    cost = PACKING_SECONDS_A_STEP_AND_SITE * encoded.problem.n_options
    steps = int(np.clip(PACKING_SHARE * time_limit_s / cost, 5, PACKING_STEPS))
    values = count_line_values(encoded, prices, planner.option, planner.month)
    return bound_by_packing(
        encoded, prices, line_values=values, steps=Steps(steps, 1.0, 8), pool=pool
    )


def _count_passes(n_sites: int, seconds: float) -> float:
    """Passes over all months at each share that should take some seconds on two cores."""
    a_pass = len(REFILL_SHARES) * REFILL_SECONDS_A_PASS_AND_SITE * max(n_sites, 1)
    return max(seconds / a_pass, FEWEST_PASSES)


def _refill_plan(planner: Planner, best: SavedPlan, *, passes: float, until: float) -> SavedPlan:
    """The better of a plan and what refilling at falling shares of the prices makes of it."""
    longest = 0.0
    *shares, last = REFILL_SHARES
    for share in shares:
        before = perf_counter()
        # Where time is short the last share comes at once: a plan at full prices is no plan.
        if passes == 0 or before + 2.0 * longest > until:
            break
        planner.refill(Refill(share, REFILL_HERE, passes, REFILL_TAKEN))
        longest = max(longest, perf_counter() - before)
    planner.refill(Refill(last, REFILL_HERE, passes, REFILL_TAKEN))
    return _repack_last(planner, best, until=until)


def _anneal_plan(planner: Planner, best: SavedPlan, *, rounds: int, until: float) -> SavedPlan:
    """The best plan of rounds of annealing and a last repacking."""
    scale = mean_benefit(planner.encoded.problem)
    heat = Heat(HOT * scale, COLD * scale, MOVES_PER_SITE, 1.0, MARGIN * scale)
    longest = 0.0
    for _ in range(rounds):
        before = perf_counter()
        # A last repacking takes about as long as two rounds.
        if before + 3.0 * longest > until:
            break
        planner.anneal(heat)
        plan = planner.save()
        if plan.value > best.value:
            best = plan
        longest = max(longest, perf_counter() - before)
    planner.restore(best)
    return _repack_last(planner, best, until=until)


def _repack_last(planner: Planner, best: SavedPlan, *, until: float) -> SavedPlan:
    """The better of a plan and of the planner's, repacked once more at low shares of the prices."""
    for share in (None, *LAST_SHARES):
        if share is not None:
            if perf_counter() > until:
                break
            planner.improve(share)
        plan = planner.save()
        if plan.value > best.value:
            best = plan
    return best


def _certify(
    encoded: Encoded, plan: SavedPlan, prices: Prices, packing: PackingBound | None
) -> CampaignSolution:
    """The solution in the order of the problem, counted by the independent checks."""
    problem = encoded.problem
    option = np.full(problem.n_sites, NEVER, dtype=np.int32)
    month = np.full(problem.n_sites, NEVER, dtype=np.int32)
    done = plan.option >= 0
    option[encoded.site_order[done]] = encoded.option_order[plan.option[done]]
    month[encoded.site_order[done]] = plan.month[done]
    value = check_plan(problem, option, month)
    price_bound = bound = check_bound(problem, prices)
    if packing is not None:
        bound = min(bound, check_packing_bound(problem, packing.prices, packing.site_worth))
    gap = bound / value - 1.0 if value > 0 else (0.0 if bound <= 0 else float("inf"))
    return CampaignSolution(
        option=option,
        month=month,
        value=value,
        price_bound=price_bound,
        bound=bound,
        gap=gap,
        prices=prices,
        packing_prices=None if packing is None else packing.prices,
        site_worth=None if packing is None else packing.site_worth,
    )
