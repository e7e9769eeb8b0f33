"""The renewal campaign as arrays, and the programme that is solved; main class `CampaignProblem`.

A *site* i is a place of work; K(i) are its *options*, bundles of works that share one possession. A
*column* is an option with the month in which it begins: x[k, b] says whether option k begins in
month b and takes the months b to b + d - 1, with d = duration_months[k]. Names are those of the
fields::

    maximise
        sum over k, b of                     benefit[k, b] x[k, b]
    subject to
        one option of each site i:
          sum over k in K(i), b of x[k, b] <= 1
        labour of each pool p and month t:
          sum over k of p, b <= t < b + d of
            labour_h[k] / d season_need[season[k], t] x[k, b]
            <= labour_limit_h[p, t]
        possession of each line l and month t:
          sum over k on l, b <= t < b + d of possession_h[k] / d x[k, b]
            <= possession_limit_h[l, t]
        material m up to each month t; what is not used stays in store:
          sum over k, b <= t of material[k, m] x[k, b]
            <= sum over s <= t of supply[m, s]
        money of each year y, where there is a budget:
          sum over k, b in y of cost[k] x[k, b] <= budget[y]
        x[k, b] is 0 or 1; 0 where benefit[k, b] = -inf or where b + d passes the horizon.

Labour and possession of works of several months are spread evenly over them; material and money
are due in the first. For any prices >= 0 of the limits, that of material never rising with the
month from which it is there, no plan is worth more than (`price_bound`, [Geoffrion 1974])

    sum of limits at their prices + sum over i of max(0, max over k, b of profit[k, b]),

where profit is benefit less all that the column takes at its prices. `Prices` and
`CampaignSolution` answer.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError

__all__ = ["NEVER", "CampaignProblem", "CampaignSolution", "Prices"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

# Place of a site without work in `CampaignSolution.option` and `.month`.
NEVER = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class CampaignProblem:
    """Sites, options and what there is of labour, material, possession and money.

    Parameters
    ----------
    first_option : NDArray[np.int32]
        Options of site i are first_option[i] to first_option[i + 1] - 1, `(n_sites + 1,)`.
    pool, line : NDArray[np.int32]
        Labour pool and line of each site, `(n_sites,)`.
    benefit : NDArray[np.float32]
        Worth of an option that begins in a month, `(n_options, n_months)`; -inf where it may not.
    labour_h, possession_h, cost : NDArray[np.float64]
        Need of each option in all, `(n_options,)`; labour as in a month of full productivity.
    material : NDArray[np.float64]
        Units that each option takes, `(n_options, n_materials)`.
    season : NDArray[np.int32]
        Row of `season_need` that holds for an option, `(n_options,)`.
    duration_months : NDArray[np.int32]
        Months over which an option is spread, `(n_options,)`.
    season_need : NDArray[np.float64]
        Labour need of a month over that of full productivity, `(n_seasons, n_months)`.
    labour_limit_h : NDArray[np.float64]
        Man-hours, `(n_pools, n_months)`; inf where not limited.
    possession_limit_h : NDArray[np.float64]
        Hours of possession, `(n_lines, n_months)`.
    supply : NDArray[np.float64]
        Units that arrive in each month, the first with what is in store, `(n_materials, n_months)`.
    budget : NDArray[np.float64]
        Money of each year, `(n_years,)`; empty without a budget.
    year : NDArray[np.int32]
        Place in `budget` of each month, `(n_months,)`.
    """

    first_option: Indices
    pool: Indices
    line: Indices
    benefit: Singles
    labour_h: Floats
    possession_h: Floats
    material: Floats
    cost: Floats
    season: Indices
    duration_months: Indices
    season_need: Floats
    labour_limit_h: Floats
    possession_limit_h: Floats
    supply: Floats
    budget: Floats
    year: Indices

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together or whose amounts are negative."""
        faults = _find_faults(self)
        if faults:
            raise LimitError("A campaign problem does not hold together: " + "; ".join(faults))

    @property
    def n_sites(self) -> int:
        """Sites."""
        return len(self.pool)

    @property
    def n_options(self) -> int:
        """Options of all sites."""
        return len(self.labour_h)

    @property
    def n_months(self) -> int:
        """Months of the horizon."""
        return int(self.benefit.shape[1])

    def with_limits(
        self,
        *,
        labour: float = 1.0,
        possession: float = 1.0,
        material: float = 1.0,
        budget: float = 1.0,
    ) -> "CampaignProblem":
        """The same problem with each kind of resource times a factor."""
        return replace(
            self,
            labour_limit_h=self.labour_limit_h * labour,
            possession_limit_h=self.possession_limit_h * possession,
            supply=self.supply * material,
            budget=self.budget * budget,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """Worth of one more unit of each resource, in units of benefit.

    Parameters
    ----------
    labour : NDArray[np.float64]
        Of a man-hour, `(n_pools, n_months)`.
    possession : NDArray[np.float64]
        Of an hour, `(n_lines, n_months)`.
    material : NDArray[np.float64]
        Of a unit that is there from a month on, `(n_materials, n_months)`, never rising.
    budget : NDArray[np.float64]
        Of a unit of money, `(n_years,)`.
    """

    labour: Floats
    possession: Floats
    material: Floats
    budget: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class CampaignSolution:
    """A plan, and a proof of how good it is.

    Parameters
    ----------
    option, month : NDArray[np.int32]
        Option and first month of each site, `(n_sites,)`; NEVER where nothing is done.
    value : float
        Worth of the plan.
    price_bound : float
        No plan is worth more, by the prices alone.
    bound : float
        The lower of `price_bound` and the bound with whole works in each possession.
    gap : float
        Bound over value less one; inf for a plan that is worth nothing.
    prices : Prices
        Prices that prove `price_bound`.
    packing_prices : Prices | None
        Prices that prove the bound with whole works (without possession), where it was sought.
    site_worth : NDArray[np.float64] | None
        Worth of a site's one choice in that proof, `(n_sites,)`.
    seconds : dict[str, float]
        Wall time by part of the work.
    is_cut : bool
        Whether the clock ended the search, so that another run can differ.
    """

    option: Indices
    month: Indices
    value: float
    price_bound: float
    bound: float
    gap: float
    prices: Prices
    packing_prices: Prices | None = None
    site_worth: Floats | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    is_cut: bool = False


def _find_faults(problem: CampaignProblem) -> list[str]:
    """What in a problem does not hold together, in words."""
    return [*_find_shape_faults(problem), *_find_amount_faults(problem)]


def _find_shape_faults(problem: CampaignProblem) -> list[str]:
    """Arrays whose shape does not agree with the others."""
    n_sites, n_options = len(problem.pool), len(problem.labour_h)
    n_months = problem.benefit.shape[-1]
    n_materials = problem.supply.shape[0]
    wanted: dict[str, tuple[int, ...]] = {
        "first_option": (n_sites + 1,),
        "line": (n_sites,),
        "benefit": (n_options, n_months),
        "possession_h": (n_options,),
        "material": (n_options, n_materials),
        "cost": (n_options,),
        "season": (n_options,),
        "duration_months": (n_options,),
        "season_need": (problem.season_need.shape[0], n_months),
        "labour_limit_h": (problem.labour_limit_h.shape[0], n_months),
        "possession_limit_h": (problem.possession_limit_h.shape[0], n_months),
        "supply": (n_materials, n_months),
        "year": (n_months,),
    }
    faults = [
        f"{name} has shape {getattr(problem, name).shape}, not {shape}"
        for name, shape in wanted.items()
        if getattr(problem, name).shape != shape
    ]
    if problem.benefit.dtype != np.float32:
        faults.append(f"benefit is {problem.benefit.dtype}, not float32")
    return faults


def _find_amount_faults(problem: CampaignProblem) -> list[str]:
    """Amounts that are negative or unknown, and places that lie outside their array."""
    needs = ("labour_h", "possession_h", "material", "cost", "season_need")
    limits = ("labour_limit_h", "possession_limit_h", "supply", "budget")
    faults = [
        f"{name} has a value that is negative or not a number"
        for name in needs + limits
        if not bool((getattr(problem, name) >= 0).all())
    ]
    faults += [
        f"{name} has a value that is not finite"
        for name in needs
        if not bool(np.isfinite(getattr(problem, name)).all())
    ]
    if bool(np.isnan(problem.benefit).any()) or bool(np.isposinf(problem.benefit).any()):
        faults.append("benefit has a value that is not a number or endless")
    places = {
        "pool": problem.labour_limit_h.shape[0],
        "line": problem.possession_limit_h.shape[0],
        "season": problem.season_need.shape[0],
        "year": max(len(problem.budget), 1),
    }
    faults += [
        f"{name} names a row outside 0 to {count - 1}"
        for name, count in places.items()
        if bool(((getattr(problem, name) < 0) | (getattr(problem, name) >= count)).any())
    ]
    if bool((np.diff(problem.first_option) < 0).any()) or problem.first_option[0] != 0:
        faults.append("first_option does not rise from 0")
    elif problem.first_option[-1] != len(problem.labour_h):
        faults.append("first_option does not end at the number of options")
    if bool((problem.duration_months < 1).any()):
        faults.append("duration_months has a value below 1")
    return faults
