"""Condition of assets that a work leaves younger than they were.

The main functions are `apply_works` and `left_state`. A work is told by the share of its age that
an asset keeps: 0 = as new, 1 = nothing gained.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet

__all__ = ["EXACT_STATE", "apply_works", "left_share", "left_state"]

EXACT_STATE: Final = "exact_state"
"""Column of worked conditions: states that lie between two."""


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
            pl.Series(left_share(defects, share.to_numpy(), shape=shape)).fill_nan(None)
        ),
        "state": pl.lit(
            pl.Series(left_state(states, share.to_numpy())).fill_nan(None).cast(pl.Int64)
        ),
        "basis": pl.concat_str("basis", pl.lit("; worked on")),
    }
    exact = left_state(states, share.to_numpy(), is_whole=False)
    return frame.with_columns(
        *(
            pl.when(is_worked).then(value).otherwise(pl.col(name)).alias(name)
            for name, value in worked.items()
        ),
        pl.Series(EXACT_STATE, exact).fill_nan(None),
    )


def left_share(
    defect_share: ArrayLike, age_share: ArrayLike, *, shape: float
) -> NDArray[np.float64]:
    """Share of defective sleepers at a share of the age that a Weibull life gives the present one.

    1 - (1 - p)^(a^k), whatever the scale of the life.

    Examples
    --------
    Half of the age of a life of shape 1 takes the square root of what stands:

    >>> round(float(left_share(0.36, 0.5, shape=1.0)), 9)
    0.2
    """
    stands = 1.0 - np.asarray(defect_share, float)
    return np.asarray(1.0 - stands ** (np.asarray(age_share, float) ** shape))


def left_state(
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
    >>> left_state([5.0, 3.0, 3.0], [0.0, 0.5, 1.0]).tolist()
    [1.0, 2.0, 3.0]
    >>> left_state([3.0], [0.8], is_whole=False).tolist()
    [2.6]
    """
    way = (np.asarray(state, float) - 1.0) * np.asarray(age_share)
    return np.asarray(1.0 + (np.round(way) if is_whole else way))
