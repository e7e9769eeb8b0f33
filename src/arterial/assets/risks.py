"""Expected derailments of a year, section by section.

The main function is `expected_derailments`.
"""

import math
import operator
from typing import Final

import polars as pl

from arterial.errors import LimitError
from arterial.study.tables import conform_table

__all__ = ["expected_derailments"]

_ENDS: Final = ("_low", "", "_high")
_MILLION: Final = 1e6


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
