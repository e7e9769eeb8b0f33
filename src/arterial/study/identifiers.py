"""What points and trains are called elsewhere: codes of registers, numbers that change on the way.

Main functions: :func:`find_coded` (ids that a code or number stands for) and
:func:`name_numbers` (all numbers that a train runs under).
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

__all__ = ["find_coded", "name_numbers", "name_trains"]

NUMBER_MARK: Final = "/"
SCHEME_MARK: Final = ":"


def find_coded(tables: Mapping[str, pl.DataFrame], column: str, text: str) -> list[str]:
    """Points or trains that a code stands for, and trains that run under a number.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``identifiers``; for trains also ``trains`` and ``train_parts``.
    column : str
        ``point_id`` or ``train_id``.
    text : str
        A code, or its scheme, a colon and the code; for trains also a number.

    Returns
    -------
    list of str
        Ids in the order of the tables, each once.

    Examples
    --------
    >>> rows = [{"scheme": "ESR", "code": "98", "point_id": "KHS", "train_id": None}]
    >>> find_coded({"identifiers": pl.DataFrame(rows)}, "point_id", "ESR:98")
    ['KHS']
    """
    coded = tables["identifiers"].filter(pl.col(column).is_not_null())
    found = [
        str(name)
        for scheme, code, name in coded.select("scheme", "code", column).iter_rows()
        if text in {code, f"{scheme}{SCHEME_MARK}{code}"}
    ]
    if column == "train_id":
        for table in ("trains", "train_parts"):
            found += tables[table].filter(pl.col("number") == text)[column].to_list()
    return list(dict.fromkeys(found))


def name_numbers(tables: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Number of every train, with those that it runs under later on: ``7/8``.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains``, ``train_stops`` and ``train_parts``.

    Returns
    -------
    Series of str
        In the order of ``trains``; a number that stays the same stands once.
    """
    trains, parts = tables["trains"].select("train_id", "number"), tables["train_parts"]
    if parts.is_empty():
        return trains["number"]
    along = parts.select("train_id", "number", point_id="from_point").join(
        tables["train_stops"].select("train_id", "point_id", "sequence"),
        on=["train_id", "point_id"],
        how="left",
    )
    first = trains.with_columns(sequence=pl.lit(None, dtype=pl.Int64))
    joined = (
        pl.concat([first, along.select(first.columns)])
        .sort("sequence", nulls_last=False, maintain_order=True)
        .group_by("train_id")
        .agg(pl.col("number").drop_nulls().rle().struct.field("value").alias("numbers"))
        .with_columns(pl.col("numbers").list.join(NUMBER_MARK))
    )
    named = trains.join(joined, on="train_id", how="left", maintain_order="left")
    return named["numbers"].alias("number")


def name_trains(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """All numbers of each train by its id; its id where it has none.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As of :func:`name_numbers`.

    Returns
    -------
    dict of str to str
        By train.
    """
    numbers = zip(tables["trains"]["train_id"], name_numbers(tables), strict=True)
    return {train: number or train for train, number in numbers}
