"""Labour and possession of each section, as the tables of a study state them.

Main functions: `list_pools` and `list_possessions`. What no table states does not bind; a month
holds no more possession than its hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.study.tables import split_list

__all__ = ["Places", "list_pools", "list_possessions"]

Tables = Mapping[str, pl.DataFrame]
Floats = NDArray[np.float64]

MOST_POSSESSION_H: Final = 744.0
"""Hours of the longest month: no line is closed longer [h]."""

NO_POOL: Final = "no_pool"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Rows of a resource by section, and its limits.

    Parameters
    ----------
    ids : tuple of str
        Names of the rows.
    by_section : dict of str to int
        Row of each section.
    amount, lost : ndarray
        Hours of a month, and train paths lost for each [h, 1/h], ``(n_rows,)``.
    stated : frozenset of str
        Rows that a table states.
    """

    ids: tuple[str, ...]
    by_section: dict[str, int]
    amount: Floats
    lost: Floats
    stated: frozenset[str]


def list_pools(tables: Tables) -> Places:
    """Labour pools by section; without any, labour does not bind.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables with their defaults.
    """
    rows = tables["labour_pools"].to_dicts()
    sections = tables["sections"]["section_id"].to_list()
    if not rows:
        return Places(
            ids=(NO_POOL,),
            by_section=dict.fromkeys(sections, 0),
            amount=np.array([np.inf]),
            lost=np.zeros(1),
            stated=frozenset(),
        )
    by_section: dict[str, int] = {}
    for number, row in enumerate(rows):
        for section in split_list(row["section_ids"]):
            by_section.setdefault(section, number)
    rest = [number for number, row in enumerate(rows) if not split_list(row["section_ids"])]
    for section in sections:
        if rest:
            by_section.setdefault(section, rest[0])
    hours = [(row["gangs_count"] or 0.0) * (row["hours_per_gang_month"] or 0.0) for row in rows]
    ids = tuple(row["pool_id"] for row in rows)
    return Places(
        ids=ids,
        by_section=by_section,
        amount=np.array(hours),
        lost=np.zeros(len(rows)),
        stated=frozenset(ids),
    )


def list_possessions(tables: Tables, frame: pl.DataFrame) -> Places:
    """Possession by section: its own row, else its line's, else that of every line by itself.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables with their defaults.
    frame : DataFrame
        Whose ``section_id`` are meant.
    """
    rows = tables["possession_limits"].to_dicts()
    of_section = {row["section_id"]: row for row in rows if row["section_id"]}
    of_line = {row["line_id"]: row for row in rows if row["line_id"] and not row["section_id"]}
    every = next((row for row in rows if not row["line_id"] and not row["section_id"]), None)
    line_of = dict(tables["sections"].select("section_id", "line_id").iter_rows())
    found: dict[str, int] = {}
    by_section: dict[str, int] = {}
    amount, lost, stated = [], [], set()
    for section in frame["section_id"].unique(maintain_order=True).to_list():
        line = line_of.get(section)
        row = of_section.get(section) or of_line.get(line) or every
        name = section if section in of_section or line is None else str(line)
        if name not in found:
            found[name] = len(found)
            amount.append(MOST_POSSESSION_H if row is None else row["hours_per_month"])
            lost.append(0.0 if row is None else row["trains_lost_per_h"] or 0.0)
            stated |= set() if row is None else {name}
        by_section[section] = found[name]
    return Places(
        ids=tuple(found),
        by_section=by_section,
        amount=np.array(amount, dtype=float),
        lost=np.array(lost, dtype=float),
        stated=frozenset(stated),
    )
