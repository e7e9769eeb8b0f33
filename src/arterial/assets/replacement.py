"""When to replace: age replacement, minimal repair, and availability.

Main functions: `age_replacement`, `minimal_repair` and `availability`; the policies are those of
[Barlow 1960]. Costs may be money, hours or minutes of delay, as long as both are the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arterial.errors import LimitError

__all__ = [
    "ReplacementPolicy",
    "age_replacement",
    "age_replacement_cost_rate",
    "availability",
    "minimal_repair",
    "minimal_repair_cost_rate",
]

_LONGEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class ReplacementPolicy:
    """Best age at which to replace, and what it costs.

    Parameters
    ----------
    age_y : float
        Age at replacement [y]; infinite = only when it fails.
    cost_rate_per_year : float
        Mean cost a year, in the unit of the costs.
    """

    age_y: float
    cost_rate_per_year: float


def age_replacement_cost_rate(
    age_y: float, *, shape: float, scale_y: float, planned_cost: float, failure_cost: float
) -> float:
    """Mean cost a year when replaced at an age or at failure, whichever comes first.

    (p R(T) + c F(T)) / integral of R from 0 to T, with Weibull R [Barlow 1960].

    Parameters
    ----------
    age_y : float
        Age T at planned replacement [y]; may be infinite.
    shape, scale_y : float
        Of the Weibull life.
    planned_cost, failure_cost : float
        Costs p of a planned replacement and c of one at failure.

    Examples
    --------
    Shape 1 and no planned replacement: one failure in a mean life.

    >>> costs = {"planned_cost": 1.0, "failure_cost": 10.0}
    >>> age_replacement_cost_rate(math.inf, shape=1.0, scale_y=5.0, **costs)
    2.0
    """
    from scipy.special import gammainc

    _check_positive(
        {
            "age": age_y,
            "shape": shape,
            "scale": scale_y,
            "planned_cost": planned_cost,
            "failure_cost": failure_cost,
        }
    )
    mean = scale_y * math.gamma(1 + 1 / shape)
    if math.isinf(age_y):
        return failure_cost / mean
    reached = (age_y / scale_y) ** shape
    failed = -math.expm1(-reached)
    used = mean * float(gammainc(1 / shape, reached))
    return float((planned_cost * (1 - failed) + failure_cost * failed) / used)


def age_replacement(
    *, shape: float, scale_y: float, planned_cost: float, failure_cost: float
) -> ReplacementPolicy:
    """Best age for planned replacement of what is replaced at failure.

    The root of h(T) m(T) - F(T) = p / (c - p), whose left side grows when the shape exceeds 1
    [Barlow 1960]; h hazard, m mean use up to T, F share failed.

    Parameters
    ----------
    shape, scale_y : float
        Of the Weibull life.
    planned_cost, failure_cost : float
        Costs p and c.

    Returns
    -------
    ReplacementPolicy
        Best age and cost; infinite when shape <= 1, or when failing costs no more than planning.

    Examples
    --------
    >>> best = age_replacement(shape=3.0, scale_y=22.0, planned_cost=1.0, failure_cost=10.0)
    >>> round(best.age_y, 3), round(best.cost_rate_per_year, 4)
    (8.414, 0.1795)
    """
    from scipy.optimize import brentq
    from scipy.special import gammainc

    costs = {"planned_cost": planned_cost, "failure_cost": failure_cost}
    never = age_replacement_cost_rate(math.inf, shape=shape, scale_y=scale_y, **costs)
    if shape <= 1 or failure_cost <= planned_cost:
        return ReplacementPolicy(math.inf, never)
    mean = math.gamma(1 + 1 / shape)
    target = planned_cost / (failure_cost - planned_cost)

    def excess(age: float) -> float:
        # Ages in units of the scale keep the root near 1.
        used = mean * float(gammainc(1 / shape, age**shape))
        return float(shape * age ** (shape - 1) * used + math.expm1(-(age**shape)) - target)

    longest = _LONGEST ** (1 / shape)
    if excess(longest) < 0:
        # Beyond this age fewer than e^-60 survive: waiting for failure is the same.
        return ReplacementPolicy(math.inf, never)
    age_y = scale_y * float(brentq(excess, 1e-12, longest, xtol=1e-13))
    return ReplacementPolicy(
        age_y, age_replacement_cost_rate(age_y, shape=shape, scale_y=scale_y, **costs)
    )


def minimal_repair_cost_rate(
    age_y: float, *, shape: float, scale_y: float, planned_cost: float, repair_cost: float
) -> float:
    """Mean cost a year when failures are repaired minimally and the whole is replaced at an age.

    (p + r (T / scale)^shape) / T [Barlow 1960].

    Examples
    --------
    >>> costs = {"planned_cost": 4.0, "repair_cost": 1.0}
    >>> minimal_repair_cost_rate(2.0, shape=2.0, scale_y=1.0, **costs)
    4.0
    """
    _check_positive(
        {
            "age": age_y,
            "shape": shape,
            "scale": scale_y,
            "planned_cost": planned_cost,
            "repair_cost": repair_cost,
        }
    )
    return float((planned_cost + repair_cost * (age_y / scale_y) ** shape) / age_y)


def minimal_repair(
    *, shape: float, scale_y: float, planned_cost: float, repair_cost: float
) -> ReplacementPolicy:
    """Best age to replace what is repaired minimally, scale (p / (r (shape - 1)))^(1 / shape).

    Parameters
    ----------
    shape, scale_y : float
        Of the power-law process.
    planned_cost, repair_cost : float
        Costs p of replacement and r of a repair.

    Returns
    -------
    ReplacementPolicy
        Best age and cost; infinite age when shape <= 1, with the cost of repairs for ever at
        shape 1, and 0 below it.

    Examples
    --------
    >>> best = minimal_repair(shape=2.2, scale_y=25.0, planned_cost=1.0, repair_cost=5.0)
    >>> round(best.age_y, 3), round(best.cost_rate_per_year, 4)
    (11.072, 0.1656)
    """
    _check_positive(
        {"shape": shape, "scale": scale_y, "planned_cost": planned_cost, "repair_cost": repair_cost}
    )
    if shape <= 1:
        return ReplacementPolicy(math.inf, repair_cost / scale_y if shape == 1 else 0.0)
    age_y = scale_y * (planned_cost / (repair_cost * (shape - 1))) ** (1 / shape)
    return ReplacementPolicy(
        age_y,
        minimal_repair_cost_rate(
            age_y,
            shape=shape,
            scale_y=scale_y,
            planned_cost=planned_cost,
            repair_cost=repair_cost,
        ),
    )


def availability(mean_time_between_failures_h: float, mean_repair_h: float) -> float:
    """Share of time in working order, up time / (up time + repair).

    Parameters
    ----------
    mean_time_between_failures_h : float
        Mean time from a repair to the next failure [h].
    mean_repair_h : float
        Mean time to repair [h], not negative.

    Examples
    --------
    >>> round(availability(800.0, 20.0), 6)
    0.97561
    """
    if not (mean_time_between_failures_h > 0 and mean_repair_h >= 0):
        message = "Mean time between failures must lie above 0, the repair must not be negative."
        raise LimitError(message)
    return mean_time_between_failures_h / (mean_time_between_failures_h + mean_repair_h)


def _check_positive(numbers: Mapping[str, float]) -> None:
    for name, number in numbers.items():
        if not number > 0:
            message = f"{name.replace('_', ' ')} must lie above 0, not {number}."
            raise LimitError(message)
