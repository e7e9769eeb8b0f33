"""Sources of delay and the tree of causes that they belong to.

Main class: :class:`CauseBuilder`, in which each source is entered once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.state import SOURCE, Source, fill_rows
from arterial.units import MONTHS_PER_YEAR

__all__ = ["TOTAL", "CauseBuilder", "Delay"]

TOTAL: Final = "total"
ALL_YEAR: Final = (1.0,) * MONTHS_PER_YEAR
KIND_WORDS: Final = {
    "speed_restriction": "speed restrictions",
    "power_shortage": "want of power",
    "late_host": "host train late at its origin",
    "border": "border procedures",
    "crossing": "crossings on single line",
    "dwell": "stops and hand-overs",
    "missed_connection": "hand-overs that cannot be kept",
    "coach_set": "coach set not ready",
    "not_traced": "not traced",
}


@dataclass(frozen=True, slots=True)
class Delay:
    """Distribution of the delay by a source.

    Parameters
    ----------
    shape : int
        One of the shapes in :mod:`arterial.operations.coaches.state`.
    first, second, third : float
        Low, best and high [s]; for a lognormal or a closure its median [s] and log-deviation.
    """

    shape: int = 0
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0


@dataclass(slots=True)
class CauseBuilder:
    """Sources of delay as they are entered, and their place in the tree of causes.

    The tree has the total, kinds of cause, branches (a disturbance, a step, a hand-over, the assets
    of one kind on one section) and, below the last, assets.
    """

    nodes: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    node_of_source: list[int] = field(default_factory=list)
    delays: list[Delay] = field(default_factory=list)
    seasons: list[tuple[float, ...]] = field(default_factory=list)
    day_rates: list[float] = field(default_factory=list)
    day_slots: list[int] = field(default_factory=list)
    day_groups: list[int] = field(default_factory=list)
    storm_groups: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin the tree with its total."""
        self._add_node(TOTAL, None, TOTAL, "all delay", None, None)

    @property
    def slots_count(self) -> int:
        """Number of sources that strike by the day."""
        return 1 + max(self.day_slots, default=-1)

    def add(
        self,
        cause_id: str,
        cause: str,
        name: str,
        delay: Delay = Delay(),
        *,
        section_id: str | None = None,
        point_id: str | None = None,
        season: Sequence[float] = ALL_YEAR,
        branch: tuple[str, str] | None = None,
    ) -> Source:
        """Enter a source; its number. A branch (id and name) is put between it and its kind."""
        parent = self._find_kind(cause)
        if branch is not None:
            parent = self._find_node(branch[0], parent, cause, branch[1], section_id, None)
        node = self._find_node(cause_id, parent, cause, name, section_id, point_id)
        self.node_of_source.append(node)
        self.delays.append(delay)
        self.seasons.append(tuple(season))
        self.day_rates.append(0.0)
        self.day_slots.append(-1)
        self.day_groups.append(-1)
        return Source(len(self.node_of_source) - 1)

    def strike_by_day(self, source: Source, rate: float, storm_group: str) -> None:
        """Let a source strike every train of a day; rows of one storm group strike together."""
        self.day_rates[source] = rate
        self.day_slots[source] = self.slots_count
        self.day_groups[source] = self.storm_groups.setdefault(storm_group, len(self.storm_groups))

    def make_rows(self) -> dict[str, NDArray[Any]]:
        """All sources as fields of a :class:`CoachPlan`."""
        delays = self.delays
        columns: dict[str, Sequence[Any] | NDArray[Any]] = {
            "shape": [delay.shape for delay in delays],
            "first": [delay.first for delay in delays],
            "second": [delay.second for delay in delays],
            "third": [delay.third for delay in delays],
            "factor": np.ones(len(delays)),
            "day_rate": self.day_rates,
            "day_slot": self.day_slots,
            "day_group": self.day_groups,
        }
        season = np.array(self.seasons, np.float64).reshape(-1, MONTHS_PER_YEAR)
        return {"sources": fill_rows(SOURCE, columns), "season": season}

    def order_nodes(self) -> tuple[pl.DataFrame, np.ndarray]:
        """Nodes with those that end a branch of assets last, and the path of each source up."""
        depths = [self._depth(number) for number in range(len(self.nodes))]
        order = sorted(range(len(self.nodes)), key=lambda number: (depths[number], number))
        place = {number: index for index, number in enumerate(order)}
        path = np.full((len(self.node_of_source), 4), -1, np.int64)
        for source, leaf in enumerate(self.node_of_source):
            node: int | None = leaf
            step = 0
            while node is not None:
                path[source, step] = place[node]
                node, step = self.nodes[node]["parent"], step + 1
        rows = [self.nodes[number] | {"depth": depths[number]} for number in order]
        schema = {
            "cause_id": pl.String, "parent_id": pl.String, "cause": pl.String, "name": pl.String,
            "section_id": pl.String, "point_id": pl.String, "depth": pl.Int64,
        }  # fmt: skip
        return pl.DataFrame([{key: row[key] for key in schema} for row in rows], schema), path

    def _depth(self, number: int) -> int:
        parent = self.nodes[number]["parent"]
        return 0 if parent is None else 1 + self._depth(parent)

    def _find_kind(self, cause: str) -> int:
        words = KIND_WORDS.get(cause, cause.replace("_", " "))
        return self._find_node(f"kind:{cause}", 0, cause, words, None, None)

    def _find_node(
        self,
        cause_id: str,
        parent: int,
        cause: str,
        name: str,
        section_id: str | None,
        point_id: str | None,
    ) -> int:
        if cause_id not in self.numbers:
            return self._add_node(cause_id, parent, cause, name, section_id, point_id)
        return self.numbers[cause_id]

    def _add_node(
        self,
        cause_id: str,
        parent: int | None,
        cause: str,
        name: str,
        section_id: str | None,
        point_id: str | None,
    ) -> int:
        self.numbers[cause_id] = len(self.nodes)
        self.nodes.append(
            {
                "cause_id": cause_id,
                "parent": parent,
                "parent_id": None if parent is None else self.nodes[parent]["cause_id"],
                "cause": "other" if cause == TOTAL else cause,
                "name": name,
                "section_id": section_id,
                "point_id": point_id,
            }
        )
        return len(self.nodes) - 1
