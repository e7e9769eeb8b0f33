"""What reported works are worth in a year if the assets were chosen well, badly or at random.

The main function is `reckon_worth`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.units import HOUR_S, MINUTE_S

__all__ = ["WorthOfChoice", "reckon_worth"]

_DELAYS: Final = ("primary_delay_min_per_year", "knock_on_delay_min_per_year")
_RESTRICTION: Final = "restriction_delay_min_per_year"
_RATE: Final = "failure_rate_per_year"
_RENEWED: Final = "renewed_failure_rate_per_year"


@dataclass(frozen=True, slots=True)
class WorthOfChoice:
    """Delay of all trains that is avoided in the year after.

    Parameters
    ----------
    well_h, random_h, badly_h : float
        If the assets worth most were chosen, any, or those worth least [h].
    count : int
        Assets of the study that are chosen.
    """

    well_h: float
    random_h: float
    badly_h: float
    count: int


def reckon_worth(
    states: pl.DataFrame,
    effects: pl.DataFrame,
    shares: Mapping[str, float],
    age_left: Mapping[str, float],
    part: float,
) -> WorthOfChoice | None:
    """Delay that is avoided if a part of the assets of one kind is worked on.

    A work that leaves the share a of the age takes 1 - a of what a renewal takes from the failure
    rate, and 1 - a of the delay by restricted speed; both are straight lines by assumption.

    Parameters
    ----------
    states, effects : DataFrame
        Rows of ``asset_states`` and ``asset_effects`` of one kind.
    shares : mapping of str to float
        Share of each action; each asset is worth the mean over them.
    age_left : mapping of str to float
        Share of its age that an asset keeps, by action.
    part : float
        Part of the stock that is worked on, up to 1.

    Returns
    -------
    WorthOfChoice or None
        None where delays or rates are not known.

    Examples
    --------
    Two assets of 60 and 30 min; a renewal takes all failures away, and half of them are renewed:

    >>> states = pl.DataFrame({"asset_id": ["A", "B"], "failure_rate_per_year": [1.0, 1.0],
    ...     "renewed_failure_rate_per_year": [0.0, 0.0]})
    >>> effects = pl.DataFrame({"asset_id": ["A", "B"], "primary_delay_min_per_year": [60.0, 30.0],
    ...     "knock_on_delay_min_per_year": 0.0, "restriction_delay_min_per_year": 0.0})
    >>> reckon_worth(states, effects, {"renew": 1.0}, {"renew": 0.0}, 0.5)
    WorthOfChoice(well_h=1.0, random_h=0.75, badly_h=0.5, count=1)
    """
    if set(shares) - set(age_left):
        return None
    gained = sum(share * (1 - age_left[action]) for action, share in shares.items())
    rows = effects.select("asset_id", *_DELAYS, _RESTRICTION).join(
        states.select("asset_id", _RATE, _RENEWED), on="asset_id"
    )
    spared = (1 - pl.col(_RENEWED) / pl.col(_RATE)).clip(0, 1)
    # An asset that never fails is spared no failure.
    spared = pl.when(pl.col(_RATE) > 0).then(spared).when(pl.col(_RATE) == 0).then(0.0)
    delay_min = pl.sum_horizontal(*_DELAYS, ignore_nulls=False) * spared + pl.col(_RESTRICTION)
    hours = rows.select(delay_min * gained * MINUTE_S / HOUR_S).to_series().sort(descending=True)
    # A sum over unknown delays is unknown.
    if not hours.len() or hours.null_count():
        return None
    count = min(int(part * hours.len() + 0.5), hours.len())
    return WorthOfChoice(
        well_h=float(hours.head(count).sum()),
        random_h=float(hours.sum()) * count / hours.len(),
        badly_h=float(hours.tail(count).sum()),
        count=count,
    )
