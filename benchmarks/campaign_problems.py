"""Reference problems of the renewal campaign: made up, reproducible, of any size.

The main function is `make_reference_problem`. It stands for a network of five kinds of assets on
lines of some 500 assets each. The benefit of a renewal is the failures that it avoids until the
horizon, weighed by month and discounted, less its cost, plus what is left of it at the end.

Choices of this file, all `assumption`: a failure costs the `failure_worth` of its kind times a
factor of the line's traffic (lognormal 0, 0.5); a renewal costs `COST_PER_H` for each man-hour; a
renewed asset keeps, at the horizon, its cost times the share of its scale that it has still to
live; works begin in January; assets fall on lines with equal chance; lines belong to districts in
turn; ramps are straight and keep the sum; the factor U(0.75, 1.5) of possession is drawn for each
line.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.problem import CampaignProblem
from arterial.randomness import stream
from arterial.units import MONTHS_PER_YEAR

__all__ = ["Regime", "make_reference_problem"]

Floats = NDArray[np.float64]

DISCOUNT_PER_YEAR: Final = 0.06
SITES_PER_LINE: Final = 500
MOST_DISTRICTS: Final = 10
# Sleepers, turnouts and rail: share of the need that is supplied, and the ramp of the supply.
SUPPLY_SHARES: Final = (0.38, 0.36, 0.40)
SUPPLY_RAMPS: Final = (0.0, 0.30, 0.0)
LABOUR_SHARE: Final = 0.42
LABOUR_RAMP: Final = 0.15
POSSESSION_SHARE: Final = 0.5
COST_PER_H: Final = 0.002
SUMMER: Final = (6, 7)
WINTER: Final = (11, 0, 1)


class Regime(Enum):
    """How much possession there is, as a factor on half of what a line needs."""

    TIGHT = 1.0
    MODERATE = 2.5
    ROOMY = 5.0


@dataclass(frozen=True)
class Kind:
    """A kind of asset: how it fails and what its renewal takes."""

    share: float
    shape: float
    scale_y: float
    failure_worth: float
    labour: tuple[float, float, bool]
    possession_h: tuple[float, float]
    summer: float
    winter: float
    # Weight of a failure in July and August, and from December to February.
    summer_weight: float = 1.0
    winter_weight: float = 1.0


# Sleeper segment, rail, turnout, bridge, embankment.
KINDS: Final = (
    Kind(0.58, 3.0, 22.0, 1.6, (150.0, 500.0, False), (4.0, 12.0), 0.5, 0.6),
    Kind(0.15, 2.8, 35.0, 2.4, (100.0, 300.0, False), (3.0, 8.0), 0.6, 0.8, winter_weight=2.0),
    Kind(0.14, 2.2, 25.0, 3.2, (250.0, 700.0, False), (6.0, 14.0), 0.6, 0.7, winter_weight=1.3),
    Kind(0.05, 3.0, 60.0, 16.0, (7.3, 0.7, True), (8.0, 40.0), 0.6, 0.7),
    Kind(0.08, 1.8, 40.0, 14.0, (7.0, 0.7, True), (0.0, 8.0), 0.3, 0.6, summer_weight=3.5),
)
SLEEPER, RAIL, TURNOUT = 0, 1, 2


def make_reference_problem(
    n_sites: int, *, regime: Regime, seed: int, n_months: int = 120
) -> CampaignProblem:
    """Reference problem of a size, a regime of possession and a seed.

    Parameters
    ----------
    n_sites : int
        Assets, one site each.
    regime : Regime
        How much possession there is.
    seed : int
        Seed of the draws.
    n_months : int
        Months of the horizon.

    Examples
    --------
    >>> problem = make_reference_problem(1000, regime=Regime.MODERATE, seed=1)
    >>> problem.n_sites, problem.n_months, problem.possession_limit_h.shape
    (1000, 120, (2, 120))
    """
    draw = stream(seed, "campaign/reference")
    n_lines = max(2, round(n_sites / SITES_PER_LINE))
    n_pools = max(1, min(MOST_DISTRICTS, n_lines // 2))
    kind = draw.choice(len(KINDS), size=n_sites, p=[k.share for k in KINDS])
    line = draw.integers(0, n_lines, n_sites)
    pool = line % n_pools
    traffic = draw.lognormal(0.0, 0.5, n_lines)[line]
    labour_h = _draw_needs(kind, draw)
    possession_h = np.zeros(n_sites)
    for k, each in enumerate(KINDS):
        of_kind = kind == k
        possession_h[of_kind] = draw.uniform(*each.possession_h, of_kind.sum())
    material = _draw_materials(kind, draw)
    benefit = _compute_benefit(kind, traffic, labour_h * COST_PER_H, n_months, draw)
    season_need = 1.0 / np.array([productivity(each, n_months) for each in KINDS])
    line_need = np.bincount(line, possession_h, n_lines) / n_months
    factor = draw.uniform(0.75, 1.5, n_lines) * POSSESSION_SHARE * regime.value
    pool_need = np.bincount(pool, labour_h, n_pools) * LABOUR_SHARE / n_months
    supply = np.array(
        [
            need * share / n_months * ramp(rise, n_months)
            for need, share, rise in zip(
                material.sum(axis=0), SUPPLY_SHARES, SUPPLY_RAMPS, strict=True
            )
        ]
    )
    return CampaignProblem(
        first_option=np.arange(n_sites + 1, dtype=np.int32),
        pool=pool.astype(np.int32),
        line=line.astype(np.int32),
        benefit=benefit,
        labour_h=labour_h,
        possession_h=possession_h,
        material=material,
        cost=labour_h * COST_PER_H,
        season=kind.astype(np.int32),
        duration_months=np.ones(n_sites, dtype=np.int32),
        season_need=season_need,
        labour_limit_h=pool_need[:, None] * ramp(LABOUR_RAMP, n_months),
        possession_limit_h=np.repeat((line_need * factor)[:, None], n_months, axis=1),
        supply=supply,
        budget=np.zeros(0),
        year=np.zeros(n_months, dtype=np.int32),
    )


def _draw_needs(kind: NDArray[np.int64], draw: np.random.Generator) -> Floats:
    """Man-hours of each renewal, `(n_sites,)`."""
    labour_h = np.zeros(len(kind))
    for k, each in enumerate(KINDS):
        of_kind = kind == k
        low, high, is_lognormal = each.labour
        take = draw.lognormal if is_lognormal else draw.uniform
        labour_h[of_kind] = take(low, high, of_kind.sum())
    return labour_h


def _draw_materials(kind: NDArray[np.int64], draw: np.random.Generator) -> Floats:
    """Sleepers, turnouts and tonnes of rail of each renewal, `(n_sites, 3)`."""
    material = np.zeros((len(kind), 3))
    sleeper, turnout, rail = kind == SLEEPER, kind == TURNOUT, kind == RAIL
    material[sleeper, 0] = draw.integers(60, 361, sleeper.sum())
    material[turnout, 0] = draw.integers(40, 90, turnout.sum())
    material[turnout, 1] = 1.0
    material[rail, 2] = draw.uniform(8.0, 26.0, rail.sum())
    return material


def _compute_benefit(
    kind: NDArray[np.int64], traffic: Floats, cost: Floats, n_months: int, draw: np.random.Generator
) -> NDArray[np.float32]:
    """Worth of each renewal by its month, `(n_sites, n_months)`.

    Failures follow a power law, (t / scale)^shape of them until age t; a renewal sets t to 0.
    """
    benefit = np.zeros((len(kind), n_months), dtype=np.float32)
    month_y = np.arange(n_months + 1) / MONTHS_PER_YEAR
    discount = (1.0 + DISCOUNT_PER_YEAR) ** -month_y
    for k, each in enumerate(KINDS):
        sites = np.flatnonzero(kind == k)
        scale_y = each.scale_y * draw.uniform(0.85, 1.15, len(sites))
        age_y = draw.uniform(0.0, 1.5, len(sites)) * scale_y
        weight = discount[:-1] * _month_weights(each, n_months) * each.failure_worth
        fresh = np.diff(month_y**each.shape)
        # Failures of the new asset from month t on, for a scale of one year.
        renewed = np.array([weight[t:] @ fresh[: n_months - t] for t in range(n_months)])
        old = np.diff(((age_y[:, None] + month_y) / scale_y[:, None]) ** each.shape, axis=1)
        kept = np.cumsum((old * weight)[:, ::-1], axis=1)[:, ::-1]
        avoided = kept - renewed / scale_y[:, None] ** each.shape
        lived = (month_y[-1] - month_y[:-1]) / scale_y[:, None]
        residual = discount[-1] * np.maximum(0.0, 1.0 - lived)
        benefit[sites] = traffic[sites, None] * avoided + cost[sites, None] * (
            residual - discount[:-1]
        )
    return benefit


def _month_weights(kind: Kind, n_months: int) -> Floats:
    """Weight of a failure in each month, one on average over a year, `(n_months,)`."""
    year = np.ones(MONTHS_PER_YEAR)
    year[list(SUMMER)] = kind.summer_weight
    year[list(WINTER)] = kind.winter_weight
    return np.resize(year / year.mean(), n_months)


def productivity(kind: Kind, n_months: int) -> Floats:
    """Work done in an hour of each month against the best, `(n_months,)`."""
    year = np.ones(MONTHS_PER_YEAR)
    year[list(SUMMER)] = kind.summer
    year[list(WINTER)] = kind.winter
    return np.resize(year, n_months)


def ramp(rise: float, n_months: int) -> Floats:
    """Straight rise over the horizon by a share, one on average, `(n_months,)`."""
    straight = 1.0 + rise * np.arange(n_months) / max(1, n_months - 1)
    return np.asarray(straight / straight.mean())
