"""The campaign as one linear model, written anew from its definition, for HiGHS through scipy."""

import numpy as np
from scipy.optimize import LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array

from arterial.campaign import CampaignProblem


def list_columns(problem: CampaignProblem) -> list[tuple[int, int, int]]:
    """Site, option and first month of every column that fits its limits alone."""
    columns = []
    store = np.cumsum(problem.supply, axis=1)
    for site in range(problem.n_sites):
        for k in range(problem.first_option[site], problem.first_option[site + 1]):
            d = int(problem.duration_months[k])
            for t in range(problem.n_months - d + 1):
                months = np.arange(t, t + d)
                labour = problem.labour_h[k] / d * problem.season_need[problem.season[k], months]
                fits = (
                    (labour <= problem.labour_limit_h[problem.pool[site], months]).all()
                    and (
                        problem.possession_h[k] / d
                        <= problem.possession_limit_h[problem.line[site], months]
                    ).all()
                    and (problem.material[k] <= store[:, t:].min(axis=1)).all()
                    and (
                        not len(problem.budget)
                        or problem.cost[k] <= problem.budget[problem.year[t]]
                    )
                )
                if fits and problem.benefit[k, t] > 0:
                    columns.append((site, k, t))
    return columns


def solve_model(
    problem: CampaignProblem, *, whole: bool, time_limit_s: float = 60.0
) -> OptimizeResult:
    """Optimum of the model, of whole works or of their linear relaxation."""
    columns = list_columns(problem)
    n_months = problem.n_months
    n_pools, n_lines = len(problem.labour_limit_h), len(problem.possession_limit_h)
    n_materials, n_years = len(problem.supply), len(problem.budget)
    first = np.cumsum(
        [0, problem.n_sites, n_pools * n_months, n_lines * n_months, n_materials * n_months]
    )
    entries: list[tuple[int, int, float]] = []
    for j, (site, k, t) in enumerate(columns):
        entries.append((site, j, 1.0))
        d = int(problem.duration_months[k])
        for s in range(t, t + d):
            need = problem.labour_h[k] / d * problem.season_need[problem.season[k], s]
            entries.append((int(first[1]) + problem.pool[site] * n_months + s, j, need))
            hours = problem.possession_h[k] / d
            entries.append((int(first[2]) + problem.line[site] * n_months + s, j, hours))
        for m in range(n_materials):
            if problem.material[k, m] > 0:
                entries += [
                    (int(first[3]) + m * n_months + s, j, problem.material[k, m])
                    for s in range(t, n_months)
                ]
        if n_years:
            entries.append((int(first[4]) + problem.year[t], j, problem.cost[k]))
    limit = np.concatenate(
        [
            np.ones(problem.n_sites),
            problem.labour_limit_h.ravel(),
            problem.possession_limit_h.ravel(),
            np.cumsum(problem.supply, axis=1).ravel(),
            problem.budget,
        ]
    )
    rows, cols, values = (np.array(each) for each in zip(*entries, strict=True))
    matrix = coo_array((values, (rows, cols)), shape=(len(limit), len(columns))).tocsr()
    worth = np.array([problem.benefit[k, t] for _, k, t in columns], dtype=float)
    return milp(
        -worth,
        constraints=LinearConstraint(matrix, -np.inf, limit),
        integrality=np.ones(len(columns)) if whole else np.zeros(len(columns)),
        bounds=(0, 1),
        options={"time_limit": time_limit_s},
    )
