"""Failure rates in the years ahead, as assets are and with a work done in one of those years.

Main functions: `rates_ahead` and `worked_rates_ahead`. Rates follow the models of the kinds: age
grows, states of bridges move by their yearly matrix, states of embankments stay. A work is told by
the share of its age that an asset keeps (`apply_works`): 0 = as new, 1 = nothing gained.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from arterial.assets.bridges import STATES_COUNT, bridge_failure_rate, transition_matrix
from arterial.assets.parameters import ParameterSet
from arterial.assets.rates import Stock, yearly_failures

__all__ = ["EXACT_STATE", "apply_works", "rates_ahead", "worked_rates_ahead"]

EXACT_STATE: Final = "exact_state"
"""Column of worked conditions: states that lie between two."""
Floats = NDArray[np.float64]


def rates_ahead(stock: Stock, parameters: ParameterSet, *, years: int) -> Floats:
    """Failures of the year that begins after 0 to some years, nothing done.

    Parameters
    ----------
    stock : Stock
        The assets on the first day.
    parameters : ParameterSet
        Parameters of the models.
    years : int
        Years ahead.

    Returns
    -------
    numpy.ndarray
        Rates [1/y], ``(n_assets, years + 1)``.
    """
    nothing, matrix = np.ones(len(stock.age_y)), transition_matrix(parameters)
    return np.stack(
        [
            _find_rates(stock, nothing, parameters, matrix, done=year, later=0)
            for year in range(years + 1)
        ],
        axis=1,
    )


def worked_rates_ahead(
    stock: Stock, age_share: ArrayLike, parameters: ParameterSet, *, years: int
) -> Floats:
    """Failures of the year that begins some years after a work.

    Parameters
    ----------
    stock : Stock
        The assets on the first day.
    age_share : array_like
        Share of its age that the work leaves each, ``(n_assets,)``.
    parameters : ParameterSet
        Parameters of the models.
    years : int
        Years ahead.

    Returns
    -------
    numpy.ndarray
        Rates [1/y] by year of the work and years since, ``(n_assets, years + 1, years + 1)``.
    """
    share, matrix = np.asarray(age_share, float), transition_matrix(parameters)
    return np.stack(
        [
            np.stack(
                [
                    _find_rates(stock, share, parameters, matrix, done=done, later=later)
                    for later in range(years + 1)
                ],
                axis=1,
            )
            for done in range(years + 1)
        ],
        axis=1,
    )


def _find_rates(
    stock: Stock,
    share: Floats,
    parameters: ParameterSet,
    matrix: Floats,
    *,
    done: int,
    later: int,
) -> Floats:
    """Failures of a year, a work done after some years and more years gone since."""
    aged = replace(
        stock,
        age_y=share * (stock.age_y + done) + later,
        state=_left_state(stock.state, share).astype(np.int64),
    )
    rates = yearly_failures(aged, parameters)
    place = np.flatnonzero(stock.kind == "bridge")
    if place.size:
        rates[place] = stock.units[place] * _bridge_rates(
            stock.state[place].astype(np.int64),
            share[place],
            parameters,
            matrix,
            done=done,
            later=later,
        )
    return rates


def _bridge_rates(
    state: NDArray[np.int64],
    share: Floats,
    parameters: ParameterSet,
    matrix: Floats,
    *,
    done: int,
    later: int,
) -> Floats:
    """Expected closures of a bridge in a year [1/y]."""
    before = np.linalg.matrix_power(matrix, done)
    states = np.arange(1, STATES_COUNT + 1)
    after = np.linalg.matrix_power(matrix, later) @ bridge_failure_rate(states, parameters)
    rates = np.empty(len(state))
    for each in np.unique(share).tolist():
        # Between two states, each is as likely as it is near.
        expected = before @ np.interp(_left_state(states, each, is_whole=False), states, after)
        here = share == each
        rates[here] = expected[state[here] - 1]
    return rates


def apply_works(
    frame: pl.DataFrame, age_shares: Mapping[str, float], parameters: ParameterSet
) -> pl.DataFrame:
    """Settled conditions with works done on some assets; the others stay as they are.

    Parameters
    ----------
    frame : polars.DataFrame
        What `arterial.assets.conditions.resolve_conditions` gives.
    age_shares : mapping of str to float
        Share of its age that each worked asset keeps.
    parameters : ParameterSet
        Shape of the lives of sleepers.

    Returns
    -------
    polars.DataFrame
        The same rows: age, share of defective sleepers, state and basis changed; one column more,
        the state before it is rounded.
    """
    share = frame["asset_id"].replace_strict(dict(age_shares), default=1.0).cast(pl.Float64)
    is_worked = pl.Series(share.to_numpy() < 1.0)
    kept = pl.lit(share)
    shape = parameters.value("sleeper_shape", kind="track")
    defects = frame["defect_share"].to_numpy().astype(np.float64)
    states = frame["state"].to_numpy().astype(np.float64)
    worked = {
        "age_y": pl.col("age_y") * kept,
        "model_age_y": pl.col("model_age_y") * kept,
        "defect_share": pl.lit(
            pl.Series(_left_share(defects, share.to_numpy(), shape=shape)).fill_nan(None)
        ),
        "state": pl.lit(
            pl.Series(_left_state(states, share.to_numpy())).fill_nan(None).cast(pl.Int64)
        ),
        "basis": pl.concat_str("basis", pl.lit("; worked on")),
    }
    exact = _left_state(states, share.to_numpy(), is_whole=False)
    return frame.with_columns(
        *(
            pl.when(is_worked).then(value).otherwise(pl.col(name)).alias(name)
            for name, value in worked.items()
        ),
        pl.Series(EXACT_STATE, exact).fill_nan(None),
    )


def _left_share(
    defect_share: ArrayLike, age_share: ArrayLike, *, shape: float
) -> NDArray[np.float64]:
    """Share of defective sleepers at a share of the age that a Weibull life gives the present one.

    1 - (1 - p)^(a^k), whatever the scale of the life.

    Examples
    --------
    Half of the age of a life of shape 1 takes the square root of what stands:

    >>> round(float(_left_share(0.36, 0.5, shape=1.0)), 9)
    0.2
    """
    stands = 1.0 - np.asarray(defect_share, float)
    return np.asarray(1.0 - stands ** (np.asarray(age_share, float) ** shape))


def _left_state(
    state: ArrayLike, age_share: ArrayLike, *, is_whole: bool = True
) -> NDArray[np.float64]:
    """State 1 to 5 after a work: the way to the best state is cut like the age, by assumption.

    Parameters
    ----------
    state, age_share : array_like
        State before, and share of its age that the work leaves.
    is_whole : bool
        Whether to round to a whole state. A small repair would then gain nothing but from bad
        states, so failures of bridges are reckoned between states.

    Examples
    --------
    >>> _left_state([5.0, 3.0, 3.0], [0.0, 0.5, 1.0]).tolist()
    [1.0, 2.0, 3.0]
    >>> _left_state([3.0], [0.8], is_whole=False).tolist()
    [2.6]
    """
    way = (np.asarray(state, float) - 1.0) * np.asarray(age_share)
    return np.asarray(1.0 + (np.round(way) if is_whole else way))
