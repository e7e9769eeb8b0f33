"""Renewal campaigns: which works, in which month, under labour, materials and possessions.

`solve_campaign` gives a plan with a bound that no plan can pass; `check_plan`, `check_bound` and
`check_packing_bound` judge both without any code of the solver.
"""

from arterial.campaign.choice.certificate import check_bound, check_packing_bound, check_plan
from arterial.campaign.choice.problem import NEVER, CampaignProblem, CampaignSolution, Prices
from arterial.campaign.choice.rules import Rule, rank_sites
from arterial.campaign.choice.solve import solve_campaign

__all__ = [
    "NEVER",
    "CampaignProblem",
    "CampaignSolution",
    "Prices",
    "Rule",
    "check_bound",
    "check_packing_bound",
    "check_plan",
    "rank_sites",
    "solve_campaign",
]
