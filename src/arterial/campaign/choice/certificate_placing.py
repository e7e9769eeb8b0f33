"""The bound of a campaign in which large works are placed whole and the rest is priced.

`solve_placing` judges and places at once: works of the large sites are whole, at most one a site,
within every limit; what the other sites can bring beside them is at most, for any prices,

    limits at their prices - use of the large works at these prices
    + sum over the other sites of max(0, best profit),

so the best placement under such rows, one for each set of prices, is a bound of every plan
[Geoffrion 1974], [Benders 1962]. Of works that each need more than a part 1 / (k + 1) of a month's
labour or possession, rounded down, no more than k fit: such rows keep works whole before anything
is branched on. None of this shares code with the solver's search.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.certificate import count_limits, count_profit
from arterial.campaign.choice.problem import NEVER, CampaignProblem, CampaignSolution, Prices

__all__ = ["PlacingOutcome", "PlacingStop", "list_columns", "solve_placing"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

PARTS: Final = (1, 2, 3)
"""Numbers k of works above a part 1 / (k + 1) of a month that have a row of their own."""

ROUNDING: Final = 1e-9
SURE: Final = 1e-6
"""Share of a bound by which the solver's tolerances may have passed it."""

TOLERANCE: Final = 1e-9
HALF: Final = 0.5


@dataclass(frozen=True)
class PlacingOutcome:
    """Where large works go, and the bound.

    Parameters
    ----------
    bound : float
        No plan is worth more.
    option, month : ndarray
        Of each site, NEVER where nothing large is done; None where no placement was found.
    is_cut : bool
        Whether the clock ended the search.
    """

    bound: float
    option: NDArray[np.int32] | None
    month: NDArray[np.int32] | None
    is_cut: bool


@dataclass(frozen=True, kw_only=True)
class PlacingStop:
    """When the search for a placement ends.

    Parameters
    ----------
    gap : float
        Share of the bound within which a placement is good enough.
    seconds : float
        Wall time after which it ends with what it has [s].
    nodes : int
        Branches after which it does.
    """

    gap: float = 1e-4
    seconds: float = 60.0
    nodes: int = 2000


AT_ONCE: Final = PlacingStop()


@dataclass(frozen=True)
class _Rows:
    """Rows of a linear programme as they are gathered."""

    limit: list[float]
    row: list[Places]
    column: list[Places]
    factor: list[Floats]

    def add(self, limit: float, columns: Places, factors: Floats) -> None:
        """A row of at most a limit."""
        self.row.append(np.full(len(columns), len(self.limit)))
        self.limit.append(limit)
        self.column.append(columns)
        self.factor.append(factors)


def list_columns(problem: CampaignProblem, sites: Places) -> NDArray[np.int64]:
    """Site, option and month of each column of some sites that is worth something and fits alone.

    Parameters
    ----------
    problem : CampaignProblem
        The problem.
    sites : ndarray of int
        The sites.

    Returns
    -------
    ndarray
        ``(n_columns, 3)``.
    """
    options = _list_options(problem, sites)
    owner = np.searchsorted(problem.first_option, options, side="right") - 1
    free = _no_prices(problem)
    benefit = count_profit(problem, free, options)
    k, t = np.nonzero(benefit > 0)
    return np.stack([owner[k], options[k], t], axis=1)


def solve_placing(
    problem: CampaignProblem,
    sites: Places,
    columns: NDArray[np.int64],
    prices: Sequence[Prices],
    *,
    start: CampaignSolution | None = None,
    stop: PlacingStop = AT_ONCE,
) -> PlacingOutcome:
    """Place works of some sites whole, the others priced.

    Parameters
    ----------
    problem : CampaignProblem
        The problem.
    sites : ndarray of int
        Sites that are placed.
    columns : ndarray
        What `list_columns` gives of them, or some of it: the bound holds for plans whose works of
        these sites are among them.
    prices : sequence of Prices
        Of the limits, one row each; needed where there are other sites.
    start : CampaignSolution, optional
        A plan to begin from.
    stop : PlacingStop
        When the search ends.

    Returns
    -------
    PlacingOutcome
        The placement and the bound.
    """
    rows = _Rows([], [], [], [])
    others = np.setdiff1d(np.arange(problem.n_sites), sites)
    _define_choices(rows, columns)
    _define_hours(rows, problem, columns)
    _define_goods(rows, problem, columns)
    _define_rest(rows, problem, columns, others, prices)
    worth = problem.benefit[columns[:, 1], columns[:, 2]].astype(np.float64)
    solver = _make_solver(rows, worth, has_rest=len(others) > 0)
    solver.setOptionValue("mip_rel_gap", stop.gap)
    solver.setOptionValue("time_limit", stop.seconds)
    solver.setOptionValue("mip_max_nodes", stop.nodes)
    if start is not None:
        _give_start(solver, rows, columns, start, has_rest=len(others) > 0)
    solver.run()
    return _read_outcome(solver, problem, columns)


def _list_options(problem: CampaignProblem, sites: Places) -> Places:
    parts = [np.arange(problem.first_option[i], problem.first_option[i + 1]) for i in sites]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)


def _no_prices(problem: CampaignProblem) -> Prices:
    return Prices(
        labour=np.zeros(problem.labour_limit_h.shape),
        possession=np.zeros(problem.possession_limit_h.shape),
        material=np.zeros(problem.supply.shape),
        budget=np.zeros(problem.budget.shape),
    )


def _define_choices(rows: _Rows, columns: NDArray[np.int64]) -> None:
    """At most one column of each site."""
    for here in _group(columns[:, 0]):
        rows.add(1.0, here, np.ones(len(here)))


def _group(keys: Places) -> Iterator[Places]:
    """Places of each key, in order of the keys."""
    order = np.argsort(keys, kind="stable")
    edges = np.flatnonzero(np.diff(keys[order])) + 1
    if len(order):
        yield from np.split(order, edges)


def _define_hours(rows: _Rows, problem: CampaignProblem, columns: NDArray[np.int64]) -> None:
    """Labour of each pool and possession of each line, month by month, and works kept whole."""
    site, option, begin = columns.T
    length = problem.duration_months[option]
    for kind in ("labour", "possession"):
        owner = (problem.pool if kind == "labour" else problem.line)[site]
        limit = problem.labour_limit_h if kind == "labour" else problem.possession_limit_h
        total = (problem.labour_h if kind == "labour" else problem.possession_h)[option]
        n_months = problem.n_months
        keys, places, needs = [], [], []
        for later in range(int(length.max(initial=0))):
            on = np.flatnonzero(length > later)
            t = begin[on] + later
            need = total[on] / length[on]
            if kind == "labour":
                need = need * problem.season_need[problem.season[option[on]], t]
            keys.append(owner[on].astype(np.int64) * n_months + t)
            places.append(on)
            needs.append(need)
        key, place = np.concatenate(keys), np.concatenate(places)
        need = np.concatenate(needs)
        for here in _group(key):
            _define_month(rows, float(limit.ravel()[key[here[0]]]), place[here], need[here])


def _define_month(rows: _Rows, limit: float, columns: Places, needs: Floats) -> None:
    """Hours of a month, and how many works above a part of it fit.

    sum of hours x <= limit; sum of floor((k + 1) hours / limit - a hair) x <= k.
    """
    if not np.isfinite(limit) or float(needs.sum()) <= limit or limit <= 0:
        return
    # As shares of the limit, so that the solver's tolerances are shares too.
    rows.add(1.0, columns, needs / limit)
    for parts in PARTS:
        count = np.floor((parts + 1) * needs / limit - ROUNDING)
        large = count > 0
        if count[large].sum() > parts:
            rows.add(float(parts), columns[large], count[large])


def _define_goods(rows: _Rows, problem: CampaignProblem, columns: NDArray[np.int64]) -> None:
    """Material up to each month, and money of each year."""
    _, option, begin = columns.T
    store = np.cumsum(problem.supply, axis=1)
    for m in range(len(store)):
        units = problem.material[option, m]
        takes = np.flatnonzero(units > 0)
        for t in range(problem.n_months):
            here = takes[begin[takes] <= t]
            if np.isfinite(store[m, t]) and units[here].sum() > store[m, t]:
                rows.add(1.0, here, units[here] / store[m, t])
    for y in range(len(problem.budget)):
        here = np.flatnonzero((problem.year[begin] == y) & (problem.cost[option] > 0))
        if np.isfinite(problem.budget[y]) and problem.cost[option[here]].sum() > problem.budget[y]:
            rows.add(1.0, here, problem.cost[option[here]] / problem.budget[y])


def _define_rest(
    rows: _Rows,
    problem: CampaignProblem,
    columns: NDArray[np.int64],
    others: Places,
    prices: Sequence[Prices],
) -> None:
    """What the other sites bring, the last column: at most what each set of prices allows."""
    if not len(others):
        return
    options = _list_options(problem, others)
    owner = np.searchsorted(problem.first_option, options, side="right") - 1
    placed = np.unique(columns[:, 1])
    row_of = np.searchsorted(placed, columns[:, 1])
    free = count_profit(problem, _no_prices(problem), placed)
    every = np.arange(len(columns) + 1)
    for each in prices:
        best = np.zeros(problem.n_sites)
        np.maximum.at(best, owner, count_profit(problem, each, options).max(axis=1, initial=0.0))
        # What a column takes at these prices: its worth less its profit.
        profit = count_profit(problem, each, placed)
        used = free[row_of, columns[:, 2]] - profit[row_of, columns[:, 2]]
        total = count_limits(problem, each) + float(best.sum())
        rows.add(total, every, np.append(used, 1.0))


def _make_solver(rows: _Rows, worth: Floats, *, has_rest: bool) -> highspy.Highs:
    """The programme: columns are whole, what the rest brings is not."""
    count = len(worth) + int(has_rest)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count, len(rows.limit)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.append(worth, np.ones(int(has_rest)))
    lp.col_lower_ = np.zeros(count)
    upper = np.ones(count)
    upper[len(worth) :] = highspy.kHighsInf
    lp.col_upper_ = upper
    lp.row_lower_ = np.full(len(rows.limit), -highspy.kHighsInf)
    lp.row_upper_ = np.array(rows.limit)
    lengths = [len(each) for each in rows.column]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    lp.a_matrix_.index_ = _join(rows.column).astype(np.int32)
    lp.a_matrix_.value_ = _join(rows.factor).astype(np.float64)
    whole, split = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [whole] * len(worth) + [split] * int(has_rest)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)  # noqa: FBT003
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("primal_feasibility_tolerance", TOLERANCE)
    solver.setOptionValue("mip_feasibility_tolerance", TOLERANCE)
    solver.passModel(lp)
    return solver


def _join(parts: list[NDArray[np.generic]] | list[Places] | list[Floats]) -> NDArray[np.generic]:
    return np.concatenate(parts) if parts else np.zeros(0)


def _give_start(
    solver: highspy.Highs,
    rows: _Rows,
    columns: NDArray[np.int64],
    start: CampaignSolution,
    *,
    has_rest: bool,
) -> None:
    """Begin from a plan."""
    site, option, month = columns.T
    chosen = (start.option[site] == option) & (start.month[site] == month)
    values = chosen.astype(np.float64)
    if has_rest:
        rest = np.inf
        for limit, place, factor in zip(rows.limit, rows.column, rows.factor, strict=True):
            if len(place) == len(columns) + 1:
                rest = min(rest, limit - float(factor[:-1] @ values))
        values = np.append(values, max(rest, 0.0))
    solution = highspy.HighsSolution()
    solution.col_value = values.tolist()
    solver.setSolution(solution)


def _read_outcome(
    solver: highspy.Highs, problem: CampaignProblem, columns: NDArray[np.int64]
) -> PlacingOutcome:
    """Bound and placement of a solved programme."""
    info, status = solver.getInfo(), solver.getModelStatus()
    bound = (
        float(info.mip_dual_bound)
        if status != highspy.HighsModelStatus.kOptimal
        else max(float(info.mip_dual_bound), float(info.objective_function_value))
    )
    bound += SURE * abs(bound)
    is_cut = status == highspy.HighsModelStatus.kTimeLimit
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return PlacingOutcome(bound, None, None, is_cut)
    values = np.asarray(solver.getSolution().col_value)[: len(columns)]
    option = np.full(problem.n_sites, NEVER, dtype=np.int32)
    month = np.full(problem.n_sites, NEVER, dtype=np.int32)
    done = columns[values > HALF]
    option[done[:, 0]], month[done[:, 0]] = done[:, 1], done[:, 2]
    return PlacingOutcome(bound, option, month, is_cut)
