"""Derailments: two published models that disagree, and the range between them.

The main function is `derailment_rates`. `class_rate` takes the rates by track class of
[Anderson 2004], `traffic_rate` the negative binomial model of [Liu 2017]; at class 1 they differ
by a factor of 34 for a train of 1,000 t. Both are shipped, and a draw lies between them, evenly
on a log scale. `expected_derailments` sums
them over a year, section by section.
"""

import math
import operator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.assets.track_class import BEST_CLASS
from arterial.errors import LimitError
from arterial.study.tables import conform_table
from arterial.units import MILE_TO_KM, SHORT_TON_TO_T

__all__ = [
    "DerailmentRates",
    "class_rate",
    "derailment_rates",
    "expected_derailments",
    "traffic_rate",
]

_ENDS: Final = ("_low", "", "_high")
_MILLION: Final = 1e6
_TRAIN_MASS_T: Final = 1000.0


@dataclass(frozen=True, slots=True)
class DerailmentRates:
    """Derailments per million train-kilometres by two models, ``(n_assets,)`` each.

    Parameters
    ----------
    low, high : numpy.ndarray
        Lower and higher of the two models [1/M train-km].
    best : numpy.ndarray
        Between them: the geometric mean, or where a draw has placed it.
    """

    low: NDArray[np.float64]
    best: NDArray[np.float64]
    high: NDArray[np.float64]


def class_rate(track_class: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    """Derailments per million train-km by track class alone [Anderson 2004].

    Parameters
    ----------
    track_class : array_like of int
        Classes 0 to 5; class 0 takes the rate of class 1 times an assumed factor.
    parameters : ParameterSet
        Where the rates stand.

    Returns
    -------
    numpy.ndarray
        Rates [1/M train-km].

    Notes
    -----
    Freight trains on main lines of the large United States railways.

    Examples
    --------
    48.54 per million train-miles:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(class_rate(1, load_parameter_set())), 1)
    30.2
    """
    by_class = parameters.values("class_rate", BEST_CLASS, kind="track") / MILE_TO_KM
    return _take_class(by_class, track_class, parameters)


def traffic_rate(
    track_class: ArrayLike,
    parameters: ParameterSet,
    *,
    annual_tonnage_mt: ArrayLike = 0.0,
    is_signalled: ArrayLike = False,
    train_mass_t: ArrayLike = _TRAIN_MASS_T,
) -> NDArray[np.float64]:
    """Derailments per million train-km by class, signalling and traffic [Liu 2017].

    Mean of the negative binomial model per 1e9 gross ton-miles (short tons):
    exp(0.9201 - 0.6649 class - 0.3377 signalled - 0.7524 heavy), where heavy traffic is 20 million
    short tons a year or more; times the mass of a train.

    Parameters
    ----------
    track_class : array_like of int
        Classes 0 to 5; class 0 takes the rate of class 1 times an assumed factor.
    parameters : ParameterSet
        Where the coefficients stand.
    annual_tonnage_mt : array_like
        Gross load in a year [Mt].
    is_signalled : array_like of bool
        Whether the line has signals.
    train_mass_t : array_like
        Gross mass of a train [t].

    Returns
    -------
    numpy.ndarray
        Rates [1/M train-km].

    Examples
    --------
    exp(0.2552) = 1.291 per 1e9 ton-miles, and a train of 1,000 t makes 0.685 of these in a
    million kilometres:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(traffic_rate(1, load_parameter_set())), 2)
    0.88
    """
    heavy = np.asarray(annual_tonnage_mt) / SHORT_TON_TO_T >= parameters.value(
        "heavy_traffic_mgt", kind="track"
    )
    exponents = parameters.value("traffic_intercept") + parameters.value(
        "traffic_class"
    ) * np.arange(1, BEST_CLASS + 1)
    base = _take_class(np.exp(exponents), track_class, parameters)
    exponent = parameters.value("traffic_signalled") * np.asarray(is_signalled, float)
    exponent = exponent + parameters.value("traffic_heavy") * heavy
    ton_miles = np.asarray(train_mass_t, float) / SHORT_TON_TO_T / MILE_TO_KM / 1000.0
    return np.asarray(base * np.exp(exponent) * ton_miles)


def derailment_rates(
    track_class: ArrayLike,
    parameters: ParameterSet,
    *,
    annual_tonnage_mt: ArrayLike = 0.0,
    is_signalled: ArrayLike = False,
    train_mass_t: ArrayLike = _TRAIN_MASS_T,
) -> DerailmentRates:
    """Derailments per million train-km by both models.

    Parameters
    ----------
    track_class : array_like of int
        Classes 0 to 5.
    parameters : ParameterSet
        Both models, and `range_position`: 0.5 (best) gives the geometric mean, a draw lies evenly
        between the models on a log scale, at the same place for all classes.
    annual_tonnage_mt, is_signalled, train_mass_t : array_like
        As in `traffic_rate`.

    Returns
    -------
    DerailmentRates
        Lower model, value between, higher model.

    Examples
    --------
    The square root of 30.2 x 0.88:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(derailment_rates(1, load_parameter_set()).best), 1)
    5.2
    """
    first = class_rate(track_class, parameters)
    second = traffic_rate(
        track_class,
        parameters,
        annual_tonnage_mt=annual_tonnage_mt,
        is_signalled=is_signalled,
        train_mass_t=train_mass_t,
    )
    low, high = np.minimum(first, second), np.maximum(first, second)
    position = parameters.value("range_position", kind="track")
    return DerailmentRates(low, np.asarray(low ** (1 - position) * high**position), high)


def _take_class(
    by_class: NDArray[np.float64], track_class: ArrayLike, parameters: ParameterSet
) -> NDArray[np.float64]:
    classes = np.asarray(track_class)
    if np.any((classes < 0) | (classes > BEST_CLASS)):
        message = f"Track classes run from 0 to {BEST_CLASS}."
        raise LimitError(message)
    below = by_class[0] * parameters.value("below_class_1_factor", kind="track")
    return np.asarray(np.concatenate([[below], by_class])[classes])


def expected_derailments(states: pl.DataFrame, train_km: pl.DataFrame) -> pl.DataFrame:
    """Derailments that the traffic of a year would see on track of the assessed classes.

    Rate of each piece of track, weighed with its length, times the train-kilometres of its
    section.

    Parameters
    ----------
    states : polars.DataFrame
        Table ``asset_states``; its rows of kind ``track`` with a known class are read.
    train_km : polars.DataFrame
        Columns ``section_id`` and ``train_km_per_year`` [train-km/y], one row a section.

    Returns
    -------
    polars.DataFrame
        Table ``derailment_risks``, in the order of `train_km`; class and derailments are unknown
        where no track of the section has a known class.

    Raises
    ------
    LimitError
        When train-kilometres are missing or negative.

    Notes
    -----
    The rates are those of freight on main lines of the United States; between the two models lies
    a factor of up to thirty. Expected numbers, no forecast.

    Examples
    --------
    5 derailments per million train-km on 200,000 train-km:

    >>> track = {"kind": "track", "section_id": "S", "from_offset_m": 0.0, "to_offset_m": 1000.0}
    >>> rates = {f"derailments_per_million_train_km{end}": 5.0 for end in ("_low", "", "_high")}
    >>> states = pl.DataFrame([{**track, "track_class": 1, **rates}])
    >>> traffic = pl.DataFrame({"section_id": ["S"], "train_km_per_year": [200_000.0]})
    >>> expected_derailments(states, traffic)["derailments_per_year"].item()
    1.0
    """
    stated = train_km["train_km_per_year"]
    if stated.null_count() or (stated < 0).any():
        message = "Train-kilometres of a year are missing or negative; give one value a section."
        raise LimitError(message)
    length_m = (pl.col("to_offset_m") - pl.col("from_offset_m")).fill_null(1.0)
    rates = {end: f"derailments_per_million_train_km{end}" for end in _ENDS}
    known = states.filter((pl.col("kind") == "track") & pl.col("track_class").is_not_null())
    names = ["track_class", *rates.values()]
    weighed = known.select("section_id", length_m.alias("weight"), *names)
    means = pl.DataFrame(
        [_weigh(str(key[0]), part) for key, part in weighed.group_by("section_id")],
        schema=["section_id", "mean_class", *rates.values()],
        orient="row",
        schema_overrides={"section_id": pl.String},
    )
    joined = train_km.join(means, on="section_id", how="left", maintain_order="left")
    return conform_table(
        "derailment_risks",
        joined.select(
            "section_id",
            "train_km_per_year",
            "mean_class",
            *(
                (pl.col(name) * pl.col("train_km_per_year") / _MILLION).alias(
                    f"derailments_per_year{end}"
                )
                for end, name in rates.items()
            ),
        ),
    )


def _weigh(section_id: str, track: pl.DataFrame) -> list[str | float]:
    """Means of the columns behind the weight, summed exactly so that no order of rows matters."""
    weights = track["weight"].to_list()
    total = math.fsum(weights)
    means = [
        math.fsum(map(operator.mul, track[name].to_list(), weights)) / total
        for name in track.columns[2:]
    ]
    return [section_id, *means]
