"""Failure rates in the years ahead, as assets are and with a work done in one of those years.

Main functions: `rates_ahead` and `worked_rates_ahead`. Rates follow the models of the kinds: age
grows, states of bridges move by their yearly matrix, states of embankments stay.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.bridges import STATES_COUNT, bridge_failure_rate, transition_matrix
from arterial.assets.parameters import ParameterSet
from arterial.assets.rates import Stock, yearly_failures
from arterial.assets.works import left_state

__all__ = ["rates_ahead", "worked_rates_ahead"]

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
        state=left_state(stock.state, share).astype(np.int64),
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
        expected = before @ np.interp(left_state(states, each, is_whole=False), states, after)
        here = share == each
        rates[here] = expected[state[here] - 1]
    return rates
