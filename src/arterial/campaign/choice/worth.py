"""Worth of works as the choice takes it: how it is counted, and that of each site.

`arterial.campaign.valuation.benefits` works it out.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arterial.units import MONTHS_PER_YEAR

__all__ = ["BenefitRules", "SiteValues"]

Floats = NDArray[np.float64]


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
    window_h : float
        Hours for which the line is closed at a time for works [h].
    ratio_spread : float
        Standard deviation of simulated over reckoned delay before anything is seen [1].
    """

    first_month: dt.date
    months: int
    discount_percent: float = 6.0
    residual_years: float = 10.0
    derailment_worth_h: float = 400.0
    longest_wait_h: float = 24.0
    window_h: float = 0.0
    ratio_spread: float = 0.5

    @property
    def discounts(self) -> Floats:
        """Factor of the middle of each month, ``(months,)``."""
        middle_y = (np.arange(self.months) + 0.5) / MONTHS_PER_YEAR
        return np.asarray((1.0 + self.discount_percent / 100.0) ** -middle_y)

    @property
    def residual_weights(self) -> Floats:
        """Weight of each year behind the campaign, faded and discounted."""
        whole = max(int(np.ceil(self.residual_years)), 0)
        middle = np.arange(whole) + 0.5
        fade = np.clip(1.0 - middle / max(self.residual_years, 1e-9), 0.0, 1.0)
        discount = (1.0 + self.discount_percent / 100.0) ** -(
            self.months / MONTHS_PER_YEAR + middle
        )
        return np.asarray(fade * discount)


@dataclass(frozen=True, kw_only=True)
class SiteValues:
    """Worth of each site.

    Parameters
    ----------
    benefit : ndarray
        Train-hours by first month, -inf where the work would not end, ``(n_sites, months)``.
    delay_avoided_h : ndarray
        Delay avoided in the year after the work, by its first month [h/y], ``(n_sites, months)``.
    failure_delay_avoided_h : ndarray
        The part of it that failures cause [h/y], ``(n_sites, months)``.
    lasting_delay_avoided_h : ndarray
        Delay avoided in the year after the campaign [h/y], ``(n_sites, months)``.
    derailments_avoided : ndarray
        Derailments avoided in a year [1/y], ``(n_sites,)``.
    possession_loss : ndarray
        Delay of trains for each hour of possession, discounted [1], ``(n_sites, months)``.
    """

    benefit: Floats
    delay_avoided_h: Floats
    failure_delay_avoided_h: Floats
    lasting_delay_avoided_h: Floats
    derailments_avoided: Floats
    possession_loss: Floats
