"""Bridges: five states, their yearly moves, the speed and the failures that each allows.

Main functions: `transition_matrix` and `bridge_failure_rate`. The matrix is that of [IMP-act] for
road bridges to which nothing is done; state 1 is as new and state 5 the worst.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.errors import LimitError

__all__ = [
    "STATES_COUNT",
    "bridge_failure_rate",
    "bridge_speed_limit_kmh",
    "transition_matrix",
]

STATES_COUNT: Final = 5
"""Number of states; 1 = as new, 5 = worst."""

_KIND = "bridge"
_SLOW_STATES: Final = (4, 5)


def transition_matrix(parameters: ParameterSet) -> NDArray[np.float64]:
    """Probabilities of the state after a year, by the state before it, ``(5, 5)`` [IMP-act].

    Parameters
    ----------
    parameters : ParameterSet
        The matrix, and `deterioration_pace`, which multiplies every chance of getting worse.

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
    matrix = _read_matrix(parameters, "transition")
    pace = parameters.value("deterioration_pace", kind=_KIND)
    matrix = np.eye(STATES_COUNT) + pace * (matrix - np.eye(STATES_COUNT))
    if np.any(matrix < 0) or not np.allclose(matrix.sum(axis=1), 1.0, rtol=0, atol=1e-9):
        message = (
            f"Set {parameters.name}: a row of the matrix transition is negative or does not add up "
            "to 1; correct its rows or lower deterioration_pace."
        )
        raise LimitError(message)
    return matrix


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
