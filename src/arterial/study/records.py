"""Rows of read tables together with the line of the file that each came from.

The main class is `CheckedTables`, which every check of `arterial.study.checks` reads.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from arterial.errors import Fault
from arterial.study.faults import ERROR
from arterial.study.schema import load_schema

__all__ = ["Check", "CheckedTables", "Record"]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table.

    Parameters
    ----------
    table : str
        Table name.
    row : int
        Line of the file.
    values : mapping
        Value of each column; None where unknown or faulty.
    """

    table: str
    row: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401
        """Value of a column, None where unknown."""
        return self.values[column]

    def fault(
        self, cause: str, cure: str, column: str | None = None, *, severity: str = ERROR
    ) -> Fault:
        """Make a fault placed at this row."""
        return Fault(cause, cure, load_schema(self.table).file, self.row, column, (), severity)


@dataclass(frozen=True)
class CheckedTables:
    """Tables as read, with the lines their rows came from.

    Parameters
    ----------
    frames : mapping of str to polars.DataFrame
        Input tables by name.
    rows : mapping of str to tuple of int
        Line of each row, ``(n_rows,)`` by table.
    unreadable : frozenset of str
        Tables whose file is there but could not be read, so that nothing is known of their rows.
    """

    frames: Mapping[str, pl.DataFrame]
    rows: Mapping[str, tuple[int, ...]]
    unreadable: frozenset[str] = frozenset()
    _records: dict[str, tuple[Record, ...]] = field(default_factory=dict, repr=False, compare=False)
    _groups: dict[tuple[str, str, str], Mapping[Any, Sequence[Record]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def records(self, table: str) -> tuple[Record, ...]:
        """Rows of a table in the order of the file."""
        if table not in self._records:
            frame = self.frames[table]
            names = frame.columns
            # Columns as lists make rows several times faster than the frame does.
            values = zip(*(column.to_list() for column in frame), strict=True)
            self._records[table] = tuple(
                Record(table, row, dict(zip(names, own, strict=True)))
                for row, own in zip(self.rows[table], values, strict=True)
            )
        return self._records[table]

    def group(self, table: str, owner: str, order: str) -> Mapping[Any, Sequence[Record]]:
        """Rows of a table by the value of `owner`, sorted by `order`; unknown ones left out."""
        key = (table, owner, order)
        if key not in self._groups:
            groups: dict[Any, list[Record]] = defaultdict(list)
            for record in self.records(table):
                values = record.values
                if values[owner] is not None and values[order] is not None:
                    groups[values[owner]].append(record)
            for records in groups.values():
                records.sort(key=lambda record: float(record.values[order]))
            self._groups[key] = dict(groups)
        return self._groups[key]

    def index(self, table: str, column: str) -> dict[Any, Record]:
        """First row of a table for each value of a column."""
        by_key: dict[Any, Record] = {}
        for record in self.records(table):
            if record[column] is not None:
                by_key.setdefault(record[column], record)
        return by_key


Check = Callable[[CheckedTables], list[Fault]]
"""What a check is: it reads the tables and gives the faults that it finds."""
