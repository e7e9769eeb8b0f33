"""Learning from likelihoods and samples; knows numbers only. Main function `learn`.

What was learned is a weighted sample of scores (`Posterior`) or a reason (`CannotTell`); rates and
shares are learned in closed form; a sample tells which unknowns matter and which observation would
be worth its cost; forecasts are scored when the truth arrives.
"""

from arterial.inference.learning import GATE, Gate, Prediction, learn, predictive_p_values
from arterial.inference.observing import (
    ObservationValue,
    PlannedObservation,
    observation_value,
    plan_observations,
)
from arterial.inference.posterior import CannotTell, Method, Posterior, resample
from arterial.inference.rates import GroupEstimate, learn_rates, learn_shares
from arterial.inference.sampling import EFFORT, Effort
from arterial.inference.scores import (
    PROBABILITY_BANDS,
    BrierScore,
    Weighing,
    crps,
    find_band,
    score_probabilities,
    weigh_options,
)
from arterial.inference.sensitivity import Ranking, UnknownPair, rank_unknowns

__all__ = [
    "EFFORT",
    "GATE",
    "PROBABILITY_BANDS",
    "BrierScore",
    "CannotTell",
    "Effort",
    "Gate",
    "GroupEstimate",
    "Method",
    "ObservationValue",
    "PlannedObservation",
    "Posterior",
    "Prediction",
    "Ranking",
    "UnknownPair",
    "Weighing",
    "crps",
    "find_band",
    "learn",
    "learn_rates",
    "learn_shares",
    "observation_value",
    "plan_observations",
    "predictive_p_values",
    "rank_unknowns",
    "resample",
    "score_probabilities",
    "weigh_options",
]
