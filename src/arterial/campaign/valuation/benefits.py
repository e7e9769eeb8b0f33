"""What a work is worth, by the month in which it begins: delay and derailments avoided.

The main function is `value_sites`. What the possessions of a work cost trains is taken off.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.sites import WorkSites
from arterial.campaign.choice.worth import BenefitRules, SiteValues
from arterial.units import HOURS_PER_YEAR, MONTHS_PER_YEAR

__all__ = ["SiteOutlook", "value_sites", "window_loss_h"]

Floats = NDArray[np.float64]


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
    loss_per_possession_h : ndarray
        Delay of trains for each hour in which the line is closed for the work [1], ``(n_sites,)``.
    derailments_low, derailments_high : ndarray
        Ends of the range of `derailments` [1/y], ``(n_sites,)``.
    """

    rates: Floats
    worked_rates: Floats
    delay_h: Floats
    restriction_h: Floats
    derailments: Floats
    seasons: Floats
    loss_per_possession_h: Floats
    derailments_low: Floats
    derailments_high: Floats

    def take(self, places: NDArray[np.intp]) -> "SiteOutlook":
        """That of some of the sites."""
        names = [each.name for each in fields(self)]
        return SiteOutlook(**{name: getattr(self, name)[places] for name in names})

    def with_traffic(self, share: Floats) -> "SiteOutlook":
        """With other trains, as a share of those that there are, ``(n_sites,)``."""
        scaled = (
            "delay_h",
            "restriction_h",
            "derailments",
            "loss_per_possession_h",
            "derailments_low",
            "derailments_high",
        )
        return replace(self, **{name: getattr(self, name) * share for name in scaled})


def value_sites(
    sites: WorkSites, outlook: SiteOutlook, rules: BenefitRules, *, factor: float = 1.0
) -> SiteValues:
    """Worth of each site by the month in which its work begins.

    A work counts from the month after its last: the failures that it avoids in each month, by
    season, times the delay of one; the speed and derailments that it gains; all discounted. Behind
    the campaign, weights fade to nothing on a straight line while failures go on by the models.
    Trains that are due while the line is closed for the work wait; that is taken off at its begin.

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
    tail = np.append(np.cumsum(rules.discounts[::-1])[::-1] / MONTHS_PER_YEAR, 0.0)
    worth = per_failure[:, None] * avoided
    worth += steady[:, None] * (tail + rules.residual_weights.sum())[None, :]
    starts = np.arange(rules.months)[None, :]
    ends = starts + sites.frame["duration_months"].to_numpy()[:, None]
    loss = outlook.loss_per_possession_h[:, None] * rules.discounts[None, :]
    possession_h = sites.frame["possession_h"].to_numpy()[:, None]
    benefit = np.where(
        ends <= rules.months,
        np.take_along_axis(worth, np.minimum(ends, rules.months), axis=1) - loss * possession_h,
        -np.inf,
    )
    # What a work avoids grows while it waits: an asset that is sound today may be bad by then.
    gains = outlook.rates - outlook.worked_rates[:, :, 0]
    low, part = _split(np.minimum(ends, rules.months) / MONTHS_PER_YEAR, outlook.rates.shape[1])
    first_year = np.take_along_axis(gains, low, 1) * (1 - part)
    first_year += np.take_along_axis(gains, low + 1, 1) * part
    by_failures = per_failure[:, None] * np.maximum(first_year, 0.0)
    last_year = np.take_along_axis(
        _avoid_after(outlook, rules.months), np.minimum(ends, rules.months), 1
    )
    by_speed = outlook.restriction_h[:, None]
    return SiteValues(
        benefit=benefit,
        delay_avoided_h=by_failures + by_speed,
        failure_delay_avoided_h=by_failures,
        lasting_delay_avoided_h=per_failure[:, None] * last_year + by_speed,
        derailments_avoided=outlook.derailments,
        possession_loss=loss,
    )


def window_loss_h(train_runs_per_year: Floats, window_h: float) -> Floats:
    """Delay of trains for each hour of possession, in windows of a length [1].

    A train that comes at an even chance in a window waits for half of it on average.

    Parameters
    ----------
    train_runs_per_year : ndarray
        Trains [1/y].
    window_h : float
        Length of a window [h].

    Examples
    --------
    One train an hour and windows of three hours: each hour of possession costs 1.5 train-hours.

    >>> window_loss_h(np.array([HOURS_PER_YEAR]), 3.0).tolist()
    [1.5]
    """
    return np.asarray(train_runs_per_year / HOURS_PER_YEAR * window_h / 2.0)


def _avoid_after(outlook: SiteOutlook, months: int) -> Floats:
    """Failures avoided in the year after the campaign by a work that counts from each month on."""
    years = outlook.rates.shape[1]
    at_y = np.arange(months + 1) / MONTHS_PER_YEAR
    done, done_part = _split(at_y, years)
    since, since_part = _split(at_y[::-1], years)
    kept = outlook.rates[:, done[-1:]] * (1 - done_part[-1])
    kept += outlook.rates[:, done[-1:] + 1] * done_part[-1]
    left = np.zeros((len(outlook.rates), months + 1))
    for row, share in ((done, 1 - done_part), (done + 1, done_part)):
        left += outlook.worked_rates[:, row, since] * share * (1 - since_part)
        left += outlook.worked_rates[:, row, since + 1] * share * since_part
    return np.asarray(np.maximum(kept - left, 0.0))


def _sum_avoided(outlook: SiteOutlook, rules: BenefitRules) -> Floats:
    """Failures avoided by a work that counts from each month on, ``(n_sites, months + 1)``.

    Seasons and discounts weigh them; rates of a year are bilinear in the years of the grid, so
    all sums are products with one matrix for each group of like seasons.
    """
    n_sites, years = outlook.rates.shape
    avoided = np.zeros((n_sites, rules.months + 1))
    groups, place = np.unique(outlook.seasons, axis=0, return_inverse=True)
    grid = outlook.worked_rates.reshape(n_sites, years * years)
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
    month_of_year = (rules.first_month.month - 1 + np.arange(months)) % MONTHS_PER_YEAR
    later = rules.residual_weights
    weight = np.append(rules.discounts * season[month_of_year] / MONTHS_PER_YEAR, later)
    at_y = np.append(
        np.arange(months) / MONTHS_PER_YEAR, months / MONTHS_PER_YEAR + np.arange(len(later))
    )
    kept = np.zeros((years, months + 1))
    worked = np.zeros((years, years, months + 1))
    for begin in range(months + 1):
        low, part = _split(np.array([begin / MONTHS_PER_YEAR]), years)
        since, since_part = _split(at_y[begin:] - begin / MONTHS_PER_YEAR, years)
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
