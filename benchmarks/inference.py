"""Learning, ranking and pricing observations: processor time, memory, and errors from seed to seed.

Each measurement runs in a process of its own, so that its peak of memory is its own.

usage: python benchmarks/inference.py [NAME ...]
"""

import argparse
import platform
import resource
import subprocess
import sys
import time

import numpy as np

from arterial.inference import (
    Effort,
    Posterior,
    learn,
    learn_rates,
    observation_value,
    plan_observations,
    rank_unknowns,
)
from arterial.randomness import stream

SEEDS = 5
MEGABYTE = 1024


def rank_many() -> None:
    """1,000 unknowns x 100,000 draws in single precision."""
    scores = stream(1, "rank").standard_normal((100_000, 1000), dtype=np.float32)
    result = (scores[:, 0] + 0.5 * scores[:, 1] * scores[:, 2] + scores[:, 3] ** 2).astype(float)
    made_mb = peak_mb()
    started = time.process_time()
    ranking = rank_unknowns(scores, result)
    print(
        f"| rank 1,000 x 100,000 | {time.process_time() - started:.1f} | {peak_mb():.0f} "
        f"({made_mb:.0f} before) | first two {ranking.order[:2].tolist()} |"
    )


def learn_linear(sightings: int, unknowns: int, noise: float, mattering: int | None = None) -> None:
    """Linear sightings with normal noise, whose evidence is known; five seeds."""
    rng = stream(1, "linear", sightings)
    directions = rng.standard_normal((sightings, unknowns))
    directions[:, unknowns if mattering is None else mattering :] = 0.0
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    seen = directions @ rng.standard_normal(unknowns) + noise * rng.standard_normal(sightings)
    covariance = directions @ directions.T + noise**2 * np.eye(sightings)
    log_size = np.linalg.slogdet(2.0 * np.pi * covariance)[1]
    exact = -0.5 * (log_size + seen @ np.linalg.solve(covariance, seen))

    def log_likelihood(scores: np.ndarray, _keys: np.ndarray) -> np.ndarray:
        missed = (scores @ directions.T - seen) / noise
        scale = sightings * np.log(noise * np.sqrt(2.0 * np.pi))
        return -0.5 * (missed**2).sum(axis=1) - scale

    started = time.process_time()
    learned = [learn(log_likelihood, unknowns, stream(seed, "learn")) for seed in range(SEEDS)]
    seconds = (time.process_time() - started) / SEEDS
    kept = [one for one in learned if isinstance(one, Posterior)]
    off = np.array([one.log_evidence - exact for one in kept])
    alone = [
        learn(log_likelihood, unknowns, stream(seed, "learn"), effort=Effort(particles=0))
        for seed in range(SEEDS)
    ]
    refused = sum(not isinstance(one, Posterior) for one in alone)
    print(
        f"| {sightings} of {mattering or unknowns} ({unknowns}), noise {noise} "
        f"| {np.mean([one.evaluations for one in learned]):,.0f} | {seconds:.2f} "
        f"| {refused} of {SEEDS} | {SEEDS - len(kept)} of {SEEDS} | {np.abs(off).max():.3f} "
        f"| {off.std(ddof=1):.3f} | {np.mean([one.error for one in kept]):.3f} "
        f"| {min(one.effective_size for one in kept):,.0f} |"
    )


def plan_many() -> None:
    """A plan among 30 observations, 10,000 draws."""
    rng = stream(1, "plan")
    causes = rng.standard_normal((10_000, 30))
    seen = causes + 0.5 * rng.standard_normal((10_000, 30))
    forecast = causes @ np.linspace(1.0, 0.0, 30) + 2.0 * causes[:, 28] * causes[:, 29]
    started = time.process_time()
    plan = plan_observations(forecast, seen, np.ones(30), budget=6.0)
    seconds = time.process_time() - started
    print(
        f"| plan among 30, six chosen | {seconds:.1f} | {peak_mb():.0f} "
        f"| {[step.columns for step in plan]} |"
    )
    started = time.process_time()
    value = observation_value(forecast, seen[:, :1])
    seconds = time.process_time() - started
    print(
        f"| value of one | {seconds:.2f} | {peak_mb():.0f} "
        f"| {value.value:.2f} ± {value.error:.2f} |"
    )


def learn_twenty_rates() -> None:
    """Twenty groups, with and without an uncertain chance of being reported."""
    counts, exposure = np.arange(20.0), np.linspace(1.0, 50.0, 20)
    for reporting in (None, ((2.0, 8.0),) * 20):
        started = time.process_time()
        learned = learn_rates(counts, exposure, reporting=reporting)
        seconds = time.process_time() - started
        print(
            f"| rates of 20 groups{', reported in part' if reporting else ''} | {seconds:.1f} "
            f"| {peak_mb():.0f} | last group {learned[-1].mean:.2f} |"
        )


def peak_mb() -> float:
    """Largest memory of this process so far [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


MEASUREMENTS = {
    "rank": rank_many,
    "plan": plan_many,
    "rates": learn_twenty_rates,
    "learn-2": lambda: learn_linear(2, 10, 0.5),
    "learn-4": lambda: learn_linear(4, 40, 0.1),
    "learn-8": lambda: learn_linear(8, 40, 0.1),
    "learn-16": lambda: learn_linear(16, 40, 0.1),
    "learn-wide": lambda: learn_linear(8, 100, 0.1),
    "learn-sparse": lambda: learn_linear(8, 1000, 0.1, mattering=20),
}


def main() -> None:
    """Run the measurements named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    names = parser.parse_args().names or list(MEASUREMENTS)
    if len(names) == 1:
        MEASUREMENTS[names[0]]()
        return
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    for name in names:
        subprocess.run([sys.executable, __file__, name], check=True)


if __name__ == "__main__":
    main()
