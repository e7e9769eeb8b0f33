"""Simulation-based calibration: truths are ranked evenly among the draws learned from them."""

import numpy as np
import pytest
from scipy import stats

from arterial.inference import Effort, Method, Posterior, learn, resample
from arterial.randomness import stream
from inference_cases import normal_of

REPLICATIONS = 200
KEPT = 19
EFFORT = Effort(draws=1000, particles=2048)


@pytest.mark.slow
@pytest.mark.parametrize("chance", [0.0, 0.7])
@pytest.mark.parametrize("noise", [0.5, 0.05])
def test_ranks_of_truths_are_uniform(noise: float, chance: float) -> None:
    """A curved model of five unknowns, of which two share a sighting; chance in the likelihood.

    Wide noise is learned mostly by importance, sharp noise by tempering.
    """
    ranks, refused, methods = [], 0, []
    for number in range(REPLICATIONS):
        rng = stream(number, "calibration")
        truth = rng.standard_normal(5)
        seen = see(truth[None])[0] + noise * rng.standard_normal(3)

        def log_likelihood(
            scores: np.ndarray, keys: np.ndarray, seen: np.ndarray = seen
        ) -> np.ndarray:
            missed = ((see(scores) - seen) / noise) ** 2
            return -0.5 * missed.sum(axis=1) + chance * normal_of(keys) - 0.5 * chance**2

        learned = learn(log_likelihood, 5, stream(number, "learn"), effort=EFFORT)
        if not isinstance(learned, Posterior):
            refused += 1
            continue
        methods.append(learned.method)
        draws = resample(learned, KEPT, stream(number, "rank"))
        ranks.append((draws < truth).sum(axis=0))
    assert refused <= REPLICATIONS // 10
    assert Method.TEMPERING in methods
    p_values = [
        stats.chisquare(np.bincount(column // 2, minlength=10)).pvalue
        for column in np.array(ranks).T
    ]
    told = f"{refused} refused, {methods.count(Method.TEMPERING)} tempered, p-values {p_values}"
    assert min(p_values) > 0.001, told


def see(scores: np.ndarray) -> np.ndarray:
    """Three sightings of five unknowns, one of them of none."""
    return np.stack(
        [np.exp(0.5 * scores[:, 0]) + scores[:, 1], np.tanh(scores[:, 2]), scores[:, 3] ** 2],
        axis=1,
    )
