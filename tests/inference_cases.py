"""Models whose posterior and evidence are known exactly, and chance that follows from keys."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from arterial.inference import Prediction
from arterial.randomness import stream


@dataclass(frozen=True)
class LinearCase:
    """Sightings ``directions @ scores`` with normal noise; scores are standard normal before."""

    directions: np.ndarray
    noise: float
    seen: np.ndarray

    def log_likelihood(self, scores: np.ndarray, _keys: np.ndarray) -> np.ndarray:
        missed = (scores @ self.directions.T - self.seen) / self.noise
        scale = len(self.seen) * np.log(self.noise * np.sqrt(2.0 * np.pi))
        return -0.5 * (missed**2).sum(axis=1) - scale

    @property
    def covariance(self) -> np.ndarray:
        return self.directions @ self.directions.T + self.noise**2 * np.eye(len(self.seen))

    @property
    def log_evidence(self) -> float:
        _, log_size = np.linalg.slogdet(2.0 * np.pi * self.covariance)
        return -0.5 * (log_size + self.seen @ np.linalg.solve(self.covariance, self.seen))

    @property
    def mean(self) -> np.ndarray:
        return self.directions.T @ np.linalg.solve(self.covariance, self.seen)

    @property
    def prediction(self) -> Prediction:
        def predict(scores: np.ndarray, keys: np.ndarray) -> np.ndarray:
            chance = np.stack([normal_of(keys, place) for place in range(len(self.seen))], axis=1)
            return scores @ self.directions.T + self.noise * chance

        return Prediction(self.seen, predict)


def make_linear_case(
    sightings: int, unknowns: int, noise: float, *, seed: int = 1, mattering: int | None = None
) -> LinearCase:
    """Random directions of length one over the first unknowns that matter, seen with noise."""
    rng = stream(seed, "linear case", sightings)
    directions = rng.standard_normal((sightings, unknowns))
    directions[:, unknowns if mattering is None else mattering :] = 0.0
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    truth = rng.standard_normal(unknowns)
    seen = directions @ truth + noise * rng.standard_normal(sightings)
    return LinearCase(directions, noise, seen)


def normal_of(keys: np.ndarray, place: int = 0) -> np.ndarray:
    """A standard normal number for each key and place, by mixing the bits of the key."""
    bits = keys.astype(np.uint64) + np.uint64(place * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    bits ^= bits >> np.uint64(31)
    return ndtri(((bits >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53)
