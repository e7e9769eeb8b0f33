"""Small campaigns for tests: drawn at random, with several options, months and all limits."""

import numpy as np

from arterial.campaign import CampaignProblem


def draw_campaign(
    seed: int,
    *,
    n_sites: int = 12,
    n_months: int = 6,
    n_lines: int = 2,
    with_budget: bool = True,
    most_months: int = 2,
) -> CampaignProblem:
    """Random campaign whose limits bind."""
    draw = np.random.default_rng(seed)
    counts = draw.integers(1, 4, n_sites)
    n_options = int(counts.sum())
    benefit = draw.uniform(-1.0, 9.0, (n_options, n_months)).astype(np.float32)
    benefit[draw.random((n_options, n_months)) < 0.1] = -np.inf
    labour_h = draw.uniform(1.0, 9.0, n_options)
    possession_h = draw.uniform(0.0, 6.0, n_options)
    material = draw.integers(0, 4, (n_options, 2)).astype(float)
    cost = draw.uniform(0.0, 3.0, n_options)
    line = draw.integers(0, n_lines, n_sites)
    share = n_sites / n_options * 0.4 / n_months
    return CampaignProblem(
        first_option=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        pool=(line % 2).astype(np.int32),
        line=line.astype(np.int32),
        benefit=benefit,
        labour_h=labour_h,
        possession_h=possession_h,
        material=material,
        cost=cost,
        season=draw.integers(0, 2, n_options).astype(np.int32),
        duration_months=draw.integers(1, most_months + 1, n_options).astype(np.int32),
        season_need=np.array([np.ones(n_months), draw.uniform(1.0, 2.0, n_months)]),
        labour_limit_h=np.full((2, n_months), labour_h.sum() * share) + 4.0,
        possession_limit_h=np.full((n_lines, n_months), possession_h.sum() * share) + 3.0,
        supply=material.sum(axis=0)[:, None] * share * np.ones(n_months) + 0.5,
        budget=np.full(2, cost.sum() * share * n_months / 2) if with_budget else np.zeros(0),
        year=np.minimum(np.arange(n_months) // 3, 1).astype(np.int32)
        if with_budget
        else np.zeros(n_months, dtype=np.int32),
    )
