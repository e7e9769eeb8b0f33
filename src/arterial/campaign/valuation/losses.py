"""What failures of each asset cost trains in a year: reckoned, with what trains pass on to others.

Main functions: `resolve_effects` and `fit_ratio`. How often an asset fails, how long, and how many
trains come by is reckoned in closed form, so a failure that is rare in a simulation counts as
often as it happens. Only the ratio between delay of all trains and that of the trains that meet
the failure is simulated; both fall together on the same failures, so few are enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.closures import mean_wait
from arterial.units import HOUR_S, HOURS_PER_YEAR, MINUTE_S

__all__ = [
    "AssetWorth",
    "KnockOn",
    "Ratio",
    "fit_ratio",
    "resolve_effects",
]

Floats = NDArray[np.float64]

LEAST_SEEN: Final = 5
"""Replications with failures below which a ratio has no error, and is not believed [1]."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """What was simulated over what was reckoned, on the same failures.

    Parameters
    ----------
    measured, measured_error : float or None
        As simulated, with its standard error; None where too little was seen.
    used, used_error : float
        As far as it is believed.
    count : int
        Replications in which something was reckoned.
    """

    measured: float | None = None
    measured_error: float | None = None
    used: float = 1.0
    used_error: float = 0.0
    count: int = 0


@dataclass(frozen=True, slots=True)
class KnockOn:
    """Delay of all trains over that of the trains that meet a failure.

    Parameters
    ----------
    closed : Ratio
        Where the line is closed until the repair: what trains pass on, less what two closures on
        the way of a train do not do to it twice.
    passing : Ratio
        Where trains may pass: the failure leaves the line, or one of its tracks, open.
    """

    closed: Ratio = Ratio()
    passing: Ratio = Ratio()


@dataclass(frozen=True, kw_only=True)
class AssetWorth:
    """Delay of trains by failures of each asset in a year.

    Parameters
    ----------
    delay_h : ndarray
        With trains taken off after the longest wait [h/y], ``(n_assets,)``.
    knock_on : KnockOn
        What it was reckoned with.
    """

    delay_h: Floats
    knock_on: KnockOn


def fit_ratio(reckoned: Floats, simulated: Floats, *, spread: float) -> Ratio:
    """Ratio of sums over replications, with its error, drawn towards 1 as far as that is large.

    The error is that of the residuals, simulated less ratio times reckoned; before anything is
    seen the ratio is 1 with the standard deviation `spread`, and both are weighed by precision.

    Parameters
    ----------
    reckoned, simulated : ndarray
        One value a replication, ``(n,)``.
    spread : float
        Standard deviation before anything is seen [1].

    Examples
    --------
    Residuals of -1 and 1 around a ratio of 2: an error of sqrt(6 / 5 x 6) / 6. With a spread of the
    same size before, both count alike, (2 + 1) / 2.

    >>> fit = fit_ratio(np.ones(6), np.array([1.0, 3.0] * 3), spread=0.2**0.5)
    >>> (fit.measured, round(fit.measured_error**2, 9), round(fit.used, 9), fit.count)
    (2.0, 0.2, 1.5, 6)
    """
    total = float(reckoned.sum())
    count = int((reckoned > 0).sum())
    if count < LEAST_SEEN or total <= 0:
        return Ratio(used_error=spread, count=count)
    measured = float(simulated.sum()) / total
    residual = simulated - measured * reckoned
    error = float(np.sqrt(count / (count - 1) * (residual**2).sum())) / total
    if spread <= 0:
        return Ratio(measured, error, 1.0, 0.0, count)
    weight = spread**2 / (spread**2 + error**2)
    used = weight * measured + (1.0 - weight)
    return Ratio(measured, error, used, float(error * np.sqrt(weight)), count)


def resolve_effects(
    states: pl.DataFrame, fixed: pl.DataFrame, knock_on: KnockOn, *, longest_wait_h: float
) -> AssetWorth:
    """Delay of trains by failures of each asset in a year.

    The failure rate times the trains that meet a failure and what each loses. What they pass on is
    the excess of the knock-on ratio over 1. Where a failure closes one track of several, trains
    share the others.

    Parameters
    ----------
    states : DataFrame
        Table ``asset_states``.
    fixed : DataFrame
        ``train_runs_per_year`` and ``shares_tracks`` in the order of `states`.
    knock_on : KnockOn
        Ratios.
    longest_wait_h : float
        Wait after which a train is taken off [h].

    Returns
    -------
    AssetWorth
        In the order of `states`.
    """
    numbers = _read_states(states)
    an_hour = fixed["train_runs_per_year"].fill_null(0.0).to_numpy() / HOURS_PER_YEAR
    median, sigma = numbers["repair_median_h"], numbers["repair_sigma"]
    wait = mean_wait(median, sigma, longest_wait_h)
    held = wait * knock_on.closed.used
    each_h = numbers["delay_per_train_min"] * (MINUTE_S / HOUR_S)
    each_h = each_h * np.exp(numbers["delay_sigma"] ** 2 / 2)
    slowed = median * np.exp(sigma**2 / 2) * each_h * knock_on.passing.used
    closes = states["closes_line"].fill_null(value=False).to_numpy()
    closes = closes & ~fixed["shares_tracks"].to_numpy()
    loss = np.maximum(np.where(closes, held, slowed), 0.0)
    return AssetWorth(
        delay_h=np.asarray(numbers["failure_rate_per_year"] * an_hour * loss), knock_on=knock_on
    )


def _read_states(states: pl.DataFrame) -> Mapping[str, Floats]:
    """Numbers of the states; what is not known adds nothing."""
    names = (
        "failure_rate_per_year",
        "repair_median_h",
        "repair_sigma",
        "delay_per_train_min",
        "delay_sigma",
    )
    return {name: states[name].fill_null(0.0).to_numpy() for name in names}
