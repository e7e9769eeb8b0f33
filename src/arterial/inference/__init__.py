"""Learning from likelihoods and samples; knows numbers only. Main function `learn`.

What was learned is a weighted sample of scores (`Posterior`) or a reason (`CannotTell`); rates and
shares are learned in closed form; a sample tells which unknowns matter and which observation would
be worth its cost; forecasts are scored when the truth arrives.
"""

from arterial.inference.learning import GATE, Gate, Prediction, learn
from arterial.inference.posterior import CannotTell, Posterior, resample
from arterial.inference.sampling import EFFORT, Effort

__all__ = [
    "EFFORT",
    "GATE",
    "CannotTell",
    "Effort",
    "Gate",
    "Posterior",
    "Prediction",
    "learn",
    "resample",
]
