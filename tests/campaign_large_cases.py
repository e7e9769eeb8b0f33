"""Campaigns with works that are large against a month's labour, or that last for months.

Main functions: `draw_halves` (one work a month, whose best plan is an assignment) and
`draw_few_large` (a few large works among many small ones).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from arterial.campaign import CampaignProblem

__all__ = ["assign_halves", "draw_few_large", "draw_halves", "make_campaign"]

Floats = NDArray[np.float64]

LIMIT_H = 1000.0


def make_campaign(
    benefit: Floats, labour_h: Floats, duration_months: NDArray[np.int64] | None = None
) -> CampaignProblem:
    """Campaign of one option a site that only labour limits, `LIMIT_H` man-hours a month.

    Parameters
    ----------
    benefit : ndarray
        ``(n_sites, n_months)``.
    labour_h : ndarray
        ``(n_sites,)``.
    duration_months : ndarray, optional
        One month each where it is left out.
    """
    n_sites, n_months = benefit.shape
    length = np.ones(n_sites, dtype=np.int32)
    if duration_months is not None:
        length = duration_months.astype(np.int32)
    worth = benefit.astype(np.float32)
    worth[np.arange(n_months)[None, :] > (n_months - length)[:, None]] = -np.inf
    return CampaignProblem(
        first_option=np.arange(n_sites + 1, dtype=np.int32),
        pool=np.zeros(n_sites, dtype=np.int32),
        line=np.zeros(n_sites, dtype=np.int32),
        benefit=worth,
        labour_h=labour_h,
        possession_h=np.zeros(n_sites),
        material=np.zeros((n_sites, 0)),
        cost=np.zeros(n_sites),
        season=np.zeros(n_sites, dtype=np.int32),
        duration_months=length,
        season_need=np.ones((1, n_months)),
        labour_limit_h=np.full((1, n_months), LIMIT_H),
        possession_limit_h=np.full((1, n_months), 744.0),
        supply=np.zeros((0, n_months)),
        budget=np.zeros(0),
        year=np.zeros(n_months, dtype=np.int32),
    )


def draw_halves(n_sites: int, n_months: int, seed: int) -> CampaignProblem:
    """Works of 0.51 to 0.6 of a month's labour: no month holds two."""
    draw = np.random.default_rng(seed)
    worth = draw.lognormal(2.0, 0.8, n_sites)
    fall = draw.uniform(0.002, 0.02, n_sites)
    benefit = worth[:, None] * np.exp(-fall[:, None] * np.arange(n_months))
    benefit *= draw.uniform(0.8, 1.0, benefit.shape)
    return make_campaign(benefit, LIMIT_H * draw.uniform(0.51, 0.6, n_sites))


def assign_halves(problem: CampaignProblem) -> float:
    """Best worth of works of which no month holds two."""
    benefit = np.maximum(problem.benefit.astype(float), 0.0)
    rows, columns = linear_sum_assignment(benefit, maximize=True)
    return float(benefit[rows, columns].sum())


def draw_few_large(
    n_large: int,
    n_small: int,
    n_months: int,
    seed: int,
    *,
    most_months: int = 6,
    parts: tuple[float, float] = (0.5, 0.9),
    dearer: float = 1.0,
) -> CampaignProblem:
    """A few works of a large part of each month's labour, and many of a small part of it.

    Large works are worth `dearer` times as much for a man-hour.
    """
    draw = np.random.default_rng(seed)
    length = np.ones(n_large + n_small, dtype=np.int64)
    length[:n_large] = draw.integers(1, most_months + 1, n_large)
    labour_h = np.empty(n_large + n_small)
    labour_h[:n_large] = length[:n_large] * LIMIT_H * draw.uniform(*parts, n_large)
    # Small works ask for twice what there is.
    mean_h = 2.0 * LIMIT_H * n_months / n_small
    labour_h[n_large:] = draw.uniform(0.5, 1.5, n_small) * mean_h
    per_h = draw.lognormal(0.0, 0.5, n_large + n_small)
    per_h[:n_large] *= dearer
    fall = draw.uniform(0.0, 0.02, n_large + n_small)
    benefit = (labour_h * per_h / LIMIT_H)[:, None] * np.exp(-fall[:, None] * np.arange(n_months))
    return make_campaign(benefit, labour_h, length)
