"""What a work is worth, by the month in which it begins: delay and derailments avoided.

Main functions: `settle_effects` (delay that the failures of each asset cause in a year) and
`value_sites`. Few days are simulated and most assets fail rarely, so what was simulated of one
asset counts only as far as it was seen; the rest is expectation, held against all of its kind.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from arterial.campaign.sites import WorkSites
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "AssetWorth",
    "BenefitRules",
    "SiteOutlook",
    "SiteValues",
    "expected_wait_h",
    "settle_effects",
    "value_sites",
]

Floats = NDArray[np.float64]

MONTHS: Final = 12
HOURS_PER_YEAR: Final = 365.25 * 24
HALF_TRUSTED_FAILURES: Final = 50.0
"""Failures seen at which simulation and expectation count alike, an assumption [1]."""

LEAST_FACTOR: Final = 0.2
GREATEST_FACTOR: Final = 5.0
_DELAYS: Final = ("primary_delay_min_per_year", "knock_on_delay_min_per_year")


@dataclass(frozen=True, kw_only=True)
class BenefitRules:
    """How worth is counted.

    Parameters
    ----------
    first_month : date
        First month of the campaign.
    months : int
        Its months.
    discount_percent : float
        Discount a year [%].
    residual_years : float
        Years behind it over which worth fades to nothing [y].
    derailment_worth_h : float
        Train-hours that a derailment avoided is worth [h].
    longest_wait_h : float
        Wait after which a train is taken off, and counts no more [h].
    """

    first_month: dt.date
    months: int
    discount_percent: float = 6.0
    residual_years: float = 10.0
    derailment_worth_h: float = 400.0
    longest_wait_h: float = 24.0

    @property
    def discounts(self) -> Floats:
        """Factor of the middle of each month, ``(months,)``."""
        middle_y = (np.arange(self.months) + 0.5) / MONTHS
        return np.asarray((1.0 + self.discount_percent / 100.0) ** -middle_y)

    @property
    def residual_weights(self) -> Floats:
        """Weight of each year behind the campaign, faded and discounted."""
        whole = max(int(np.ceil(self.residual_years)), 0)
        middle = np.arange(whole) + 0.5
        fade = np.clip(1.0 - middle / max(self.residual_years, 1e-9), 0.0, 1.0)
        discount = (1.0 + self.discount_percent / 100.0) ** -(self.months / MONTHS + middle)
        return np.asarray(fade * discount)


@dataclass(frozen=True, kw_only=True)
class AssetWorth:
    """Delay of trains by failures of each asset in a year, ``(n_assets,)``.

    Parameters
    ----------
    delay_h : ndarray
        With trains taken off after the longest wait [h/y].
    uncut_h : ndarray
        As the simulation counts, without [h/y].
    factors : mapping of str to float
        Simulated over expected delay by kind, as far as trusted.
    """

    delay_h: Floats
    uncut_h: Floats
    factors: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class SiteOutlook:
    """What changes with the work of each site.

    Parameters
    ----------
    rates : ndarray
        Failures of the asset in the years ahead, nothing done [1/y], ``(n_sites, years + 1)``.
    worked_rates : ndarray
        By year of the work and years since [1/y], ``(n_sites, years + 1, years + 1)``.
    delay_h : ndarray
        Delay of trains by failures in the first year, nothing done [h/y], ``(n_sites,)``.
    restriction_h : ndarray
        Delay by restricted speed that the work takes away [h/y], ``(n_sites,)``.
    derailments : ndarray
        Derailments that it takes away [1/y], ``(n_sites,)``.
    seasons : ndarray
        Failures of each month of the year over the mean, ``(n_sites, 12)``, January first.
    """

    rates: Floats
    worked_rates: Floats
    delay_h: Floats
    restriction_h: Floats
    derailments: Floats
    seasons: Floats


@dataclass(frozen=True, kw_only=True)
class SiteValues:
    """Worth of each site.

    Parameters
    ----------
    benefit : ndarray
        Train-hours by first month, -inf where the work would not end, ``(n_sites, months)``.
    delay_avoided_h : ndarray
        Delay avoided in the year after a work now [h/y], ``(n_sites,)``.
    failure_delay_avoided_h : ndarray
        The part of it that failures cause [h/y], ``(n_sites,)``.
    derailments_avoided : ndarray
        Derailments avoided in a year [1/y], ``(n_sites,)``.
    """

    benefit: Floats
    delay_avoided_h: Floats
    failure_delay_avoided_h: Floats
    derailments_avoided: Floats


def expected_wait_h(median_h: Floats, sigma: Floats, longest_h: float = np.inf) -> Floats:
    """Wait of all trains at a closed line, for one train an hour: E[R²] / 2, cut at a longest wait.

    A train that comes at an even chance during a closure R waits for what is left of it, at most w:
    R²/2 for R <= w, else w R - w²/2. R is lognormal.

    Parameters
    ----------
    median_h, sigma : ndarray
        Median [h] and log-standard deviation of the closure.
    longest_h : float
        Longest wait w [h].

    Examples
    --------
    A closure of 4 h for sure, not cut and cut at 1 h: 16 / 2 = 8; 1 x 4 - 1 / 2 = 3.5.

    >>> expected_wait_h(np.array([4.0]), np.array([0.0])).tolist()
    [8.0]
    >>> expected_wait_h(np.array([4.0]), np.array([0.0]), 1.0).tolist()
    [3.5]
    """
    median, spread = np.asarray(median_h, float), np.maximum(np.asarray(sigma, float), 1e-9)
    if not np.isfinite(longest_h):
        return np.asarray(median**2 * np.exp(2 * spread**2) / 2)
    place = (np.log(longest_h) - np.log(np.maximum(median, 1e-9))) / spread
    below = median**2 * np.exp(2 * spread**2) * ndtr(place - 2 * spread) / 2
    beyond = longest_h * median * np.exp(spread**2 / 2) * ndtr(spread - place)
    return np.asarray(np.round(below + beyond - longest_h**2 / 2 * ndtr(-place), 9))


def settle_effects(
    states: pl.DataFrame,
    fixed: pl.DataFrame,
    effects: pl.DataFrame | None,
    *,
    simulated_years: float,
    longest_wait_h: float,
) -> AssetWorth:
    """Delay of trains by failures of each asset in a year, expected, and simulated where seen.

    Expected is the failure rate times the trains that meet a failure and what each loses. The ratio
    of simulated to expected delay of a kind, trusted as n / (n + 50 v) for n failures seen whose
    loss has the relative variance v (at least 1), holds what trains pass on to each other; an
    asset's own simulated delay counts by the same rule.

    Parameters
    ----------
    states : DataFrame
        Table ``asset_states``.
    fixed : DataFrame
        ``train_runs_per_year`` in the order of `states`.
    effects : DataFrame or None
        Table ``asset_effects`` of the simulation.
    simulated_years : float
        Time that was simulated, over all draws [y].
    longest_wait_h : float
        Wait after which a train is taken off [h].

    Returns
    -------
    AssetWorth
        In the order of `states`.
    """
    rate = states["failure_rate_per_year"].fill_null(0.0).to_numpy()
    uncut = rate * _expect_loss_h(states, fixed, np.inf)
    cut = rate * _expect_loss_h(states, fixed, longest_wait_h)
    seen = np.zeros(states.height)
    if effects is not None and effects.height:
        total = pl.sum_horizontal(_DELAYS).alias("seen_min")
        joined = states.select("asset_id").join(
            effects.select("asset_id", total), on="asset_id", how="left", maintain_order="left"
        )
        seen = joined["seen_min"].fill_null(0.0).to_numpy() * (MINUTE_S / HOUR_S)
    spread = _spread_of_loss(states)
    factors: dict[str, float] = {}
    factor = np.ones(states.height)
    kinds = states["kind"].to_numpy()
    for kind in dict.fromkeys(kinds.tolist()):
        here = kinds == kind
        expected = float(uncut[here].sum())
        seen_count = rate[here].sum() * simulated_years
        trust = float(_trust(seen_count / spread[here].max()))
        ratio = float(seen[here].sum()) / expected if expected > 0 else 1.0
        ratio = float(np.clip(ratio, LEAST_FACTOR, GREATEST_FACTOR))
        factors[str(kind)] = trust * ratio + (1.0 - trust)
        factor[here] = factors[str(kind)]
    own = _trust(rate * simulated_years / spread)
    settled = own * seen + (1.0 - own) * factor * uncut
    share = np.divide(cut, uncut, out=np.ones_like(cut), where=uncut > 0)
    return AssetWorth(delay_h=settled * share, uncut_h=settled, factors=factors)


def value_sites(
    sites: WorkSites, outlook: SiteOutlook, rules: BenefitRules, *, factor: float = 1.0
) -> SiteValues:
    """Worth of each site by the month in which its work begins.

    A work counts from the month after its last: the failures that it avoids in each month, by
    season, times the delay of one; the speed and derailments that it gains; all discounted. Behind
    the campaign, weights fade to nothing on a straight line while failures go on by the models.

    Parameters
    ----------
    sites : WorkSites
        The sites.
    outlook : SiteOutlook
        What changes with each.
    rules : BenefitRules
        How worth is counted.
    factor : float
        Of the delay by failures: what simulating the whole plan found against the sum of its works.

    Returns
    -------
    SiteValues
        In the order of `sites`.

    Notes
    -----
    Rates lie on straight lines between whole years. Restrictions and derailments that a work
    takes away are those of the first day: that they would have grown does not count.
    """
    first_rate = outlook.rates[:, 0]
    per_failure = np.divide(
        outlook.delay_h * factor, first_rate, out=np.zeros_like(first_rate), where=first_rate > 0
    )
    steady = outlook.restriction_h + outlook.derailments * rules.derailment_worth_h
    avoided = _sum_avoided(outlook, rules)
    tail = np.append(np.cumsum(rules.discounts[::-1])[::-1] / MONTHS, 0.0)
    worth = per_failure[:, None] * avoided
    worth += steady[:, None] * (tail + rules.residual_weights.sum())[None, :]
    starts = np.arange(rules.months)[None, :]
    ends = starts + sites.frame["duration_months"].to_numpy()[:, None]
    benefit = np.where(
        ends <= rules.months,
        np.take_along_axis(worth, np.minimum(ends, rules.months), axis=1),
        -np.inf,
    )
    by_failures = per_failure * np.maximum(first_rate - outlook.worked_rates[:, 0, 0], 0.0)
    return SiteValues(
        benefit=benefit,
        delay_avoided_h=by_failures + outlook.restriction_h,
        failure_delay_avoided_h=by_failures,
        derailments_avoided=outlook.derailments,
    )


def _spread_of_loss(states: pl.DataFrame) -> Floats:
    """Variance of what a failure costs over its mean squared, at least 1: R² where it closes."""
    sigma = states["repair_sigma"].fill_null(0.0).to_numpy()
    power = np.where(states["closes_line"].fill_null(value=False).to_numpy(), 2.0, 1.0)
    return np.asarray(np.maximum(np.exp((power * sigma) ** 2) - 1.0, 1.0))


def _trust(failures: Floats) -> Floats:
    """How far a number of failures seen is believed."""
    return np.asarray(failures / (failures + HALF_TRUSTED_FAILURES))


def _expect_loss_h(states: pl.DataFrame, fixed: pl.DataFrame, longest_h: float) -> Floats:
    """Delay of all trains by one failure [h]."""
    an_hour = fixed["train_runs_per_year"].fill_null(0.0).to_numpy() / HOURS_PER_YEAR
    median = states["repair_median_h"].fill_null(0.0).to_numpy()
    sigma = states["repair_sigma"].fill_null(0.0).to_numpy()
    held = expected_wait_h(median, sigma, longest_h)
    delay_sigma = states["delay_sigma"].fill_null(0.0).to_numpy()
    each_h = states["delay_per_train_min"].fill_null(0.0).to_numpy() * (MINUTE_S / HOUR_S)
    slowed = median * np.exp(sigma**2 / 2) * each_h * np.exp(delay_sigma**2 / 2)
    closes = states["closes_line"].fill_null(value=False).to_numpy()
    return np.asarray(an_hour * np.where(closes, held, slowed))


def _sum_avoided(outlook: SiteOutlook, rules: BenefitRules) -> Floats:
    """Failures avoided by a work that counts from each month on, ``(n_sites, months + 1)``.

    Seasons and discounts weigh them; rates of a year are bilinear in the years of the grid, so
    all sums are products with one matrix for each group of like seasons.
    """
    n_sites, years = outlook.rates.shape
    avoided = np.zeros((n_sites, rules.months + 1))
    groups, place = np.unique(outlook.seasons, axis=0, return_inverse=True)
    grid = outlook.worked_rates.reshape(n_sites, -1)
    for number, season in enumerate(groups):
        here = np.flatnonzero(place.ravel() == number)
        weights = _weigh_grid(season, rules, years)
        avoided[here] = outlook.rates[here] @ weights.kept - grid[here] @ weights.worked
    return avoided


@dataclass(frozen=True)
class _GridWeights:
    """Weights of the years of the grid, ``(years, months + 1)`` and ``(years², months + 1)``."""

    kept: Floats
    worked: Floats


def _weigh_grid(season: Floats, rules: BenefitRules, years: int) -> _GridWeights:
    """Weights with which rates of whole years add up to failures from each month on."""
    months = rules.months
    month_of_year = (rules.first_month.month - 1 + np.arange(months)) % MONTHS
    later = rules.residual_weights
    weight = np.append(rules.discounts * season[month_of_year] / MONTHS, later)
    at_y = np.append(np.arange(months) / MONTHS, months / MONTHS + np.arange(len(later)))
    kept = np.zeros((years, months + 1))
    worked = np.zeros((years, years, months + 1))
    for begin in range(months + 1):
        low, part = _split(np.array([begin / MONTHS]), years)
        since, since_part = _split(at_y[begin:] - begin / MONTHS, years)
        now, now_part = _split(at_y[begin:], years)
        amounts = weight[begin:]
        np.add.at(kept[:, begin], now, amounts * (1 - now_part))
        np.add.at(kept[:, begin], now + 1, amounts * now_part)
        for step, share in ((low[0], 1 - part[0]), (low[0] + 1, part[0])):
            np.add.at(worked[step, :, begin], since, share * amounts * (1 - since_part))
            np.add.at(worked[step, :, begin], since + 1, share * amounts * since_part)
    return _GridWeights(kept, worked.reshape(years * years, months + 1))


def _split(at_y: Floats, years: int) -> tuple[NDArray[np.int64], Floats]:
    """Whole year below, and the part beyond it; the last year of the grid is its end."""
    low = np.clip(np.floor(at_y).astype(np.int64), 0, years - 2)
    return low, np.clip(at_y - low, 0.0, 1.0)
