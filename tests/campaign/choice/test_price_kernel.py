"""Kernels of the price search against plain twins."""

import numpy as np
from scipy.optimize import isotonic_regression

from arterial.campaign.choice.encode import encode_problem, gather_use, spread_prices
from arterial.campaign.choice.price_kernel import level_rows, sum_smoothed
from arterial.campaign.choice.problem import Prices
from campaign_cases import draw_campaign


def draw_prices(problem, seed):
    """Prices of all resources at random; those of material never rise."""
    draw = np.random.default_rng(seed)
    return Prices(
        labour=draw.uniform(0.0, 2.0, problem.labour_limit_h.shape),
        possession=draw.uniform(0.0, 2.0, problem.possession_limit_h.shape),
        material=np.sort(draw.uniform(0.0, 2.0, problem.supply.shape), axis=1)[:, ::-1],
        budget=draw.uniform(0.0, 2.0, problem.budget.shape),
    )


def list_columns(problem):
    """Site, option, first month and how much of each resource each column takes, one by one."""
    for site in range(problem.n_sites):
        for k in range(problem.first_option[site], problem.first_option[site + 1]):
            for begin in range(problem.n_months - problem.duration_months[k] + 1):
                yield site, k, begin


def use_column(problem, site, k, begin, share):
    """Use of all resources by a share of one column."""
    use = Prices(
        labour=np.zeros(problem.labour_limit_h.shape),
        possession=np.zeros(problem.possession_limit_h.shape),
        material=np.zeros(problem.supply.shape),
        budget=np.zeros(problem.budget.shape),
    )
    months = problem.duration_months[k]
    for t in range(begin, begin + months):
        need = problem.season_need[problem.season[k], t]
        use.labour[problem.pool[site], t] = share * problem.labour_h[k] * need / months
        use.possession[problem.line[site], t] = share * problem.possession_h[k] / months
    use.material[:, begin] = share * problem.material[k]
    use.budget[problem.year[begin]] = share * problem.cost[k]
    return use


def test_a_row_that_may_not_rise_is_that_of_isotonic_regression():
    draw = np.random.default_rng(3)
    rows, weight = draw.normal(size=(40, 30)).cumsum(axis=1), draw.uniform(0.1, 3.0, (40, 30))
    plain = [
        isotonic_regression(row, weights=heavy, increasing=False).x
        for row, heavy in zip(rows, weight, strict=True)
    ]
    np.testing.assert_array_equal(level_rows(rows, weight), np.array(plain))


def test_smoothed_use_is_that_of_columns_taken_one_by_one():
    problem = draw_campaign(5, most_months=3)
    prices, temperature = draw_prices(problem, 6), 1.5
    encoded = encode_problem(problem)
    tables = spread_prices(encoded, prices)
    use, spread = (type(tables)(*(np.zeros_like(table) for table in tables)) for _ in range(2))
    sites = np.arange(problem.n_sites, dtype=np.int32)
    sum_smoothed(encoded.columns, tables, sites, temperature, use, spread)
    found = gather_use(encoded, use)
    # The plain twin: every column of every site, its profit, and its weight among them.
    allowed = encoded.columns.benefit[np.argsort(encoded.option_order)] > -1e29
    profit = {}
    for site, k, begin in list_columns(problem):
        if not allowed[k, begin]:
            continue
        taken = use_column(problem, site, k, begin, 1.0)
        cost = sum(
            float((getattr(taken, name) * getattr(prices, name)).sum())
            for name in ("labour", "possession", "material", "budget")
        )
        profit[site, k, begin] = float(problem.benefit[k, begin]) - cost
    expected = {name: np.zeros_like(getattr(prices, name)) for name in vars(prices)}
    for site in range(problem.n_sites):
        own = {key: won for key, won in profit.items() if key[0] == site}
        total = 1.0 + sum(np.exp(won / temperature) for won in own.values())
        for (_, k, begin), won in own.items():
            part = use_column(problem, site, k, begin, np.exp(won / temperature) / total)
            for name in expected:
                expected[name] += getattr(part, name)
    for name, value in expected.items():
        # The power of 256 that stands for exp is right to a few per cent of small weights.
        np.testing.assert_allclose(getattr(found, name), value, rtol=0.05, atol=0.02)
