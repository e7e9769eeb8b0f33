"""What compiles the kernels of a search, for `arterial.compiling.start_warming`."""

from typing import Final

import numpy as np

from arterial.campaign.choice.problem import CampaignProblem
from arterial.campaign.choice.solve import solve_campaign

__all__ = ["warm_search"]

SITES: Final = 6
MONTHS: Final = 3
SCARCE: Final = 1.0
PLENTY: Final = 99.0
LIMIT_S: Final = 3600.0


def warm_search() -> None:
    """Compile what searches are made with, those that anneal and those that refill."""
    for labour_h, possession_h in ((PLENTY, SCARCE), (SCARCE, PLENTY)):
        problem = _make_problem(labour_h, possession_h)
        first = solve_campaign(problem, time_limit_s=LIMIT_S, workers=1, rounds=1)
        solve_campaign(problem, time_limit_s=LIMIT_S, workers=1, rounds=1, start=first)


def _make_problem(labour_h: float, possession_h: float) -> CampaignProblem:
    """Works of an hour each, of which one a month can be done."""
    one, none = np.ones(SITES), np.zeros(SITES, dtype=np.int32)
    worth = np.arange(1.0, 1.0 + SITES * MONTHS, dtype=np.float32)
    return CampaignProblem(
        first_option=np.arange(SITES + 1, dtype=np.int32),
        pool=none,
        line=none,
        benefit=worth.reshape(SITES, MONTHS),
        labour_h=one,
        possession_h=one,
        material=np.ones((SITES, 1)),
        cost=one,
        season=none,
        duration_months=np.ones(SITES, dtype=np.int32),
        season_need=np.ones((1, MONTHS)),
        labour_limit_h=np.full((1, MONTHS), labour_h),
        possession_limit_h=np.full((1, MONTHS), possession_h),
        supply=np.full((1, MONTHS), PLENTY),
        budget=np.full(1, PLENTY),
        year=np.zeros(MONTHS, dtype=np.int32),
    )
