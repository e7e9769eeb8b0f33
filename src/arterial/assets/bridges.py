"""Bridges: five states, their yearly moves, the speed and the failures that each allows.

Main functions: `transition_matrix`, `state_distribution` and `years_to_worst`. The matrices are
those of [IMP-act] for road bridges: nothing done, minor repair, major repair, replacement; state 1
is as new and state 5 the worst.
"""

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.errors import LimitError

__all__ = [
    "STATES_COUNT",
    "BridgeAction",
    "bridge_failure_rate",
    "bridge_speed_limit_kmh",
    "sample_states",
    "state_distribution",
    "transition_matrix",
    "years_to_worst",
]

STATES_COUNT: Final = 5
"""Number of states; 1 = as new, 5 = worst."""

_KIND = "bridge"
_SLOW_STATES: Final = (4, 5)


class BridgeAction(StrEnum):
    """What is done to a bridge in a year."""

    NOTHING = "nothing"
    MINOR_REPAIR = "minor_repair"
    MAJOR_REPAIR = "major_repair"
    REPLACEMENT = "replacement"


def transition_matrix(
    parameters: ParameterSet, *, action: BridgeAction = BridgeAction.NOTHING
) -> NDArray[np.float64]:
    """Probabilities of the state after a year, by the state before it, ``(5, 5)`` [IMP-act].

    Parameters
    ----------
    parameters : ParameterSet
        The matrices, and `deterioration_pace`, which multiplies every chance of getting worse
        when nothing is done.
    action : BridgeAction
        What is done.

    Raises
    ------
    LimitError
        When the pace makes a row of probabilities impossible, or a row does not add up to 1.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> transition_matrix(load_parameter_set())[3].tolist()
    [0.0, 0.0, 0.0, 0.578, 0.422]
    """
    if action is BridgeAction.REPLACEMENT:
        matrix = np.zeros((STATES_COUNT, STATES_COUNT))
        matrix[:, 0] = 1.0
        return matrix
    stem = "transition" if action is BridgeAction.NOTHING else action.value
    matrix = _read_matrix(parameters, stem)
    if action is BridgeAction.NOTHING:
        pace = parameters.value("deterioration_pace", kind=_KIND)
        matrix = np.eye(STATES_COUNT) + pace * (matrix - np.eye(STATES_COUNT))
    if np.any(matrix < 0) or not np.allclose(matrix.sum(axis=1), 1.0, rtol=0, atol=1e-9):
        message = (
            f"Set {parameters.name}: a row of the matrix {stem} is negative or does not add up "
            "to 1; correct its rows or lower deterioration_pace."
        )
        raise LimitError(message)
    return matrix


def state_distribution(
    start: ArrayLike, years: int, parameters: ParameterSet
) -> NDArray[np.float64]:
    """Probabilities of the states after years in which nothing is done.

    Parameters
    ----------
    start : array_like
        Probabilities of the states now, ``(5,)`` or ``(n, 5)``.
    years : int
        Number of years, not negative.
    parameters : ParameterSet
        Where the matrix stands.

    Returns
    -------
    numpy.ndarray
        Same shape as `start`.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> after = state_distribution([1, 0, 0, 0, 0], 10, load_parameter_set())
    >>> after.round(3).tolist()
    [0.175, 0.192, 0.15, 0.109, 0.373]
    """
    chances = np.asarray(start, float)
    is_whole = np.allclose(chances.sum(axis=-1), 1.0, rtol=0, atol=1e-9)
    if years < 0 or np.any(chances < 0) or not is_whole:
        message = "Probabilities of states must add up to 1, and years must not be negative."
        raise LimitError(message)
    return np.asarray(chances @ np.linalg.matrix_power(transition_matrix(parameters), years))


def years_to_worst(parameters: ParameterSet) -> NDArray[np.float64]:
    """Mean years until the worst state is reached, from states 1 to 4 when nothing is done.

    Solves (I - Q) m = 1, where Q holds the moves between states 1 to 4.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> years_to_worst(load_parameter_set()).round(1).tolist()
    [14.1, 8.8, 5.0, 2.4]
    """
    moves = transition_matrix(parameters)[:-1, :-1]
    return np.asarray(np.linalg.solve(np.eye(STATES_COUNT - 1) - moves, np.ones(STATES_COUNT - 1)))


def sample_states(
    random: np.random.Generator, age_y: ArrayLike, parameters: ParameterSet
) -> NDArray[np.int64]:
    """Draw the states of bridges by their age, nothing done since they were new.

    Parameters
    ----------
    random : numpy.random.Generator
        Stream of `arterial.randomness`.
    age_y : array_like
        Ages [y], ``(n,)``; whole years count.
    parameters : ParameterSet
        Where the matrix stands.

    Returns
    -------
    numpy.ndarray of int
        States 1 to 5, ``(n,)``.
    """
    ages = np.floor(np.asarray(age_y, float)).astype(np.int64)
    if np.any(ages < 0):
        message = "An age of a bridge is negative; give years from 0 up."
        raise LimitError(message)
    matrix = transition_matrix(parameters)
    rows = np.empty((int(ages.max(initial=0)) + 1, STATES_COUNT))
    rows[0] = np.eye(STATES_COUNT)[0]
    for year in range(1, rows.shape[0]):
        rows[year] = rows[year - 1] @ matrix
    reached = np.cumsum(rows[:, :-1], axis=1)[ages]
    return np.asarray(1 + (random.random(ages.shape)[..., None] > reached).sum(axis=-1), np.int64)


def bridge_speed_limit_kmh(state: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    """Speed over a bridge by its state [km/h]; infinite where its state sets no limit.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> bridge_speed_limit_kmh([1, 4, 5], load_parameter_set()).tolist()
    [inf, 30.0, 15.0]
    """
    limits = np.full(STATES_COUNT, np.inf)
    for slow in _SLOW_STATES:
        limits[slow - 1] = parameters.value(f"speed_limit_kmh_{slow}", kind=_KIND)
    return np.asarray(limits[_check_states(state) - 1])


def bridge_failure_rate(state: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    """Failures a year that close the line, of one bridge by its state [1/y]; an assumption.

    A state between two has the mean of both, weighed by how near each is.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> bridge_failure_rate([1, 5], load_parameter_set()).tolist()
    [5e-05, 0.04]
    """
    rates = parameters.values("closures_per_year", STATES_COUNT, kind=_KIND)
    factor = parameters.value("closures_factor", kind=_KIND)
    _check_states(state)
    return np.asarray(
        factor * np.interp(np.asarray(state, float), np.arange(1, STATES_COUNT + 1), rates)
    )


def _read_matrix(parameters: ParameterSet, stem: str) -> NDArray[np.float64]:
    matrix = np.zeros((STATES_COUNT, STATES_COUNT))
    rows = parameters.table.filter(parameters.table["parameter"].str.starts_with(f"{stem}_"))
    for name, value in rows.select("parameter", "value").iter_rows():
        before, after = (int(part) for part in name.removeprefix(f"{stem}_").split("_"))
        matrix[before - 1, after - 1] = value
    return matrix


def _check_states(state: ArrayLike) -> NDArray[np.int64]:
    states = np.asarray(state)
    if np.any((states < 1) | (states > STATES_COUNT)):
        message = f"States of a bridge run from 1 to {STATES_COUNT}."
        raise LimitError(message)
    return states.astype(np.int64)
