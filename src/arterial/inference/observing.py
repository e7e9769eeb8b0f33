"""What an observation is worth before it is made, and which to make: `plan_observations`.

Each draw of the model also draws what would be seen, with the noise with which it would be seen.
A regression of the stake on what is seen gives what one would believe and do after each sighting
(expected value of sample information by regression [Strong 2015]). An observation is worth what its
noise leaves of it: what explains 0.241 of a variance, seen with a noise of two standard
deviations, explains 0.048.

Every draw is judged by a regression that has not seen it (ten folds), so chance cannot pass for
value: on average a value is a little too low, never too high.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from scipy.special import ndtri

from arterial.errors import LimitError
from arterial.inference.posterior import Numbers

__all__ = ["ObservationValue", "PlannedObservation", "observation_value", "plan_observations"]

_FOLDS: Final = 10
_KNOTS: Final = 7
_TAIL: Final = 0.001
_RIDGE: Final = 1e-6
_LEAST_DRAWS: Final = 500
# Chance that observations without any value are planned, over all that are tried at a step.
_FALSE_PLANS: Final = 0.05


@dataclass(frozen=True, slots=True)
class ObservationValue:
    """Expected value of seeing something.

    Parameters
    ----------
    value : float
        Variance removed, or gain of the choice, in the unit of the stake (squared for a variance);
        by chance also a little below 0.
    error : float
        Its standard error.
    """

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class PlannedObservation:
    """One step of a plan: an observation, or two that are worth more together.

    Parameters
    ----------
    columns : tuple of int
        What is observed.
    gain, error : float
        Expected value beyond that of the steps before, and its standard error.
    cost : float
        Of this step.
    value : float
        Expected value of all steps up to this one.
    """

    columns: tuple[int, ...]
    gain: float
    error: float
    cost: float
    value: float


def observation_value(stake: Numbers, seen: Numbers) -> ObservationValue:
    """Expected value of making observations together.

    Parameters
    ----------
    stake : numpy.ndarray
        A forecast ``(n,)``: the value is the variance that the observation removes. Or the benefit
        of each choice ``(n, choices)``: the value is the gain from choosing after the observation
        instead of before.
    seen : numpy.ndarray
        What each draw would show, noise included, ``(n, k)``. Scores themselves, without noise,
        give the value of perfect information, for contrast.

    Returns
    -------
    ObservationValue
        Value and standard error.

    Raises
    ------
    LimitError
        When there are fewer than 500 draws, shapes differ, or a number is not finite.

    Notes
    -----
    The regression has a spline of eight pieces for each observation and products of degree 3 for
    each pair; what only three observations together tell is not found.

    Examples
    --------
    Knowing x leaves half of the variance of y = x + e; seeing it with as much noise three quarters.

    >>> from arterial.randomness import stream
    >>> x, e, noise = stream(1, "observing").standard_normal((3, 20_000))
    >>> round(observation_value(x + e, x[:, None]).value, 1)
    1.0
    >>> round(observation_value(x + e, (x + noise)[:, None]).value, 1)
    0.5
    """
    stakes = _check_stake(stake, seen)
    worth = _worth_of_draws(stakes, _make_basis(seen, tuple(range(seen.shape[1]))), stake.ndim)
    return ObservationValue(float(worth.mean()), _standard_error(worth))


def plan_observations(
    stake: Numbers, seen: Numbers, costs: Numbers, budget: float
) -> tuple[PlannedObservation, ...]:
    """Choose observations one after the other by what they add for their cost.

    At each step single observations and complements, pairs that are worth more together than
    apart, are tried; the one with the greatest certain gain for its cost is taken: gain less so
    many standard errors that useless ones are taken in one plan of twenty. So an observation that
    tells nothing alone is found by its partner.

    Parameters
    ----------
    stake : numpy.ndarray
        ``(n,)`` or ``(n, choices)``, as for `observation_value`.
    seen : numpy.ndarray
        What each draw would show of each candidate, noise included, ``(n, c)``.
    costs : numpy.ndarray
        Cost of each candidate, above 0, ``(c,)``; in any unit.
    budget : float
        Most that all steps may cost.

    Returns
    -------
    tuple of PlannedObservation
        In the order of choice; empty where nothing is worth seeing.

    Raises
    ------
    LimitError
        As for `observation_value`, or when a cost is not above 0.
    """
    stakes = _check_stake(stake, seen)
    if costs.shape != seen.shape[1:] or not (costs > 0.0).all():
        message = (
            f"Costs of shape {costs.shape} do not fit {seen.shape[1]} observations: give each a "
            "cost above 0."
        )
        raise LimitError(message)

    def judge(columns: tuple[int, ...]) -> Numbers:
        return _worth_of_draws(stakes, _make_basis(seen, columns), stake.ndim)

    singles = [(column,) for column in range(len(costs))]
    alone = {bundle: judge(bundle) for bundle in singles}
    bundles = singles + [
        (one, other)
        for one, other in combinations(range(len(costs)), 2)
        if _are_complements(judge((one, other)), alone[one,], alone[other,], len(costs))
    ]
    steps: list[PlannedObservation] = []
    chosen: tuple[int, ...] = ()
    worth = np.zeros(len(stakes))
    left = budget
    while True:
        tried = [
            bundle
            for bundle in bundles
            if not set(bundle) & set(chosen) and costs[list(bundle)].sum() <= left
        ]
        best, best_worth = None, worth
        most = 0.0
        for bundle in tried:
            after = judge((*chosen, *bundle))
            certain = _certain_gain(after - worth, len(tried)) / costs[list(bundle)].sum()
            if certain > most:
                best, best_worth, most = bundle, after, certain
        if best is None:
            return tuple(steps)
        gain, cost = best_worth - worth, float(costs[list(best)].sum())
        chosen, worth, left = (*chosen, *best), best_worth, left - cost
        steps.append(
            PlannedObservation(
                best, float(gain.mean()), _standard_error(gain), cost, float(worth.mean())
            )
        )


def _check_stake(stake: Numbers, seen: Numbers) -> Numbers:
    if (
        stake.ndim not in {1, 2}
        or seen.ndim != 2  # noqa: PLR2004
        or len(seen) != len(stake)
        or len(stake) < _LEAST_DRAWS
        or not (np.isfinite(stake).all() and np.isfinite(seen).all())
    ):
        message = (
            f"Stakes of shape {stake.shape} and sightings of shape {seen.shape} have no value: "
            f"give both for each of at least {_LEAST_DRAWS} draws, as finite numbers."
        )
        raise LimitError(message)
    return stake.reshape(len(stake), -1)


def _standard_error(values: Numbers) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _certain_gain(gain: Numbers, tried: int) -> float:
    return float(gain.mean()) - float(ndtri(1.0 - _FALSE_PLANS / tried)) * _standard_error(gain)


def _are_complements(both: Numbers, one: Numbers, other: Numbers, count: int) -> bool:
    return _certain_gain(both - one - other, count * (count - 1) // 2) > 0.0


def _make_basis(seen: Numbers, columns: tuple[int, ...]) -> Numbers:
    """Functions of what is seen, ``(n, p)``: constant, linear splines, products of pairs."""
    plain, parts = [], [np.ones((len(seen), 1))]
    for column in columns:
        low, high = np.quantile(seen[:, column], (_TAIL, 1.0 - _TAIL))
        values = np.clip(seen[:, column], low, high)
        values = (values - values.mean()) / (values.std() or 1.0)
        knots = np.unique(np.quantile(values, np.arange(1, _KNOTS + 1) / (_KNOTS + 1)))
        plain.append(values)
        parts.append(np.column_stack([values, np.maximum(values[:, None] - knots, 0.0)]))
    for one, other in combinations(plain, 2):
        both = one * other
        parts.append(np.column_stack([both, both * one, both * other]))
    return np.concatenate(parts, axis=1)


def _worth_of_draws(stakes: Numbers, basis: Numbers, dimensions: int) -> Numbers:
    """Value realised in each draw, ``(n,)``, acting on regressions on the other folds."""
    count, functions = basis.shape
    folds = [slice(fold * count // _FOLDS, (fold + 1) * count // _FOLDS) for fold in range(_FOLDS)]
    grams = [basis[rows].T @ basis[rows] for rows in folds]
    products = [basis[rows].T @ stakes[rows] for rows in folds]
    gram, product = sum(grams), sum(products)
    ridge = _RIDGE * count * np.eye(functions)
    expected = np.empty_like(stakes)
    for rows, own_gram, own_product in zip(folds, grams, products, strict=True):
        expected[rows] = basis[rows] @ np.linalg.solve(
            gram - own_gram + ridge, product - own_product
        )
    if dimensions == 1:
        before, after = stakes[:, 0] - stakes.mean(), stakes[:, 0] - expected[:, 0]
        removed: Numbers = before**2 - after**2
        return removed
    draws = np.arange(count)
    gained: Numbers = (
        stakes[draws, expected.argmax(axis=1)] - stakes[:, int(stakes.mean(axis=0).argmax())]
    )
    return gained
