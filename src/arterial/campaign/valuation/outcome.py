"""The plan that stands, and what was simulated of it; main class `LoopOutcome`."""

from dataclasses import dataclass

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.problem import CampaignSolution
from arterial.campaign.valuation.line import SimulatedDraw
from arterial.campaign.valuation.losses import Ratio

__all__ = ["LoopOutcome"]


@dataclass(frozen=True, kw_only=True)
class LoopOutcome:
    """The plan that stands.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    solution : CampaignSolution
        Its plan, bound and prices.
    after : tuple of SimulatedDraw
        The line with the plan done; empty without loops or trains.
    factor : float
        Of the delay by failures, with which the plan was made.
    ratios : tuple of Ratio
        Delay avoided by the plan of each loop as simulated, over that of its works one by one.
    """

    campaign: Campaign
    solution: CampaignSolution
    after: tuple[SimulatedDraw, ...]
    factor: float
    ratios: tuple[Ratio, ...]
