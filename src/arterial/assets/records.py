"""Failure records of one's own: from the table ``failure_records`` to what the fits take.

Main functions: `lifetime_records` (things that are replaced) and `recurrent_records` (things that
are repaired and go on). Each says what it cannot understand, all at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.errors import Fault, StudyError

__all__ = ["LifetimeRecords", "RecurrentRecords", "lifetime_records", "recurrent_records"]

_FILE: Final = "tables/failure_records.csv"
_HEADER_LINES: Final = 2
_Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LifetimeRecords:
    """Lives of things that end with replacement, ``(n_records,)`` each [y].

    Parameters
    ----------
    entry_y : numpy.ndarray
        Age at which watching began (left truncation); 0 = from new.
    low_y : numpy.ndarray
        Greatest age at which each is known to have worked.
    high_y : numpy.ndarray
        Least age at which it is known to have failed: equal to `low_y` = exact; infinite = it had
        not failed when last seen (right censoring).
    """

    entry_y: NDArray[np.float64]
    low_y: NDArray[np.float64]
    high_y: NDArray[np.float64]

    @property
    def is_exact(self) -> NDArray[np.bool_]:
        """Whether the age at failure is known exactly."""
        return np.asarray(self.low_y == self.high_y)

    @property
    def has_failed(self) -> NDArray[np.bool_]:
        """Whether a failure was seen."""
        return np.isfinite(self.high_y)

    @property
    def failures_count(self) -> int:
        """Number of failures."""
        return int(self.has_failed.sum())


@dataclass(frozen=True, slots=True)
class RecurrentRecords:
    """Failures of repaired things, and over which ages each was watched.

    Parameters
    ----------
    start_y, end_y : numpy.ndarray
        Ages between which each unit was watched [y], ``(n_units,)``.
    ends_with_failure : numpy.ndarray of bool
        Whether watching of the unit ended with its last failure, ``(n_units,)``.
    unit : numpy.ndarray of int
        Unit of each failure, as its place in `start_y`, ``(n_failures,)``.
    low_y, high_y : numpy.ndarray
        Ages between which each failure came; equal = exact [y], ``(n_failures,)``.
    """

    start_y: NDArray[np.float64]
    end_y: NDArray[np.float64]
    ends_with_failure: NDArray[np.bool_]
    unit: NDArray[np.int64]
    low_y: NDArray[np.float64]
    high_y: NDArray[np.float64]

    @property
    def is_exact(self) -> bool:
        """Whether every age at failure is known exactly."""
        return bool((self.low_y == self.high_y).all())

    @property
    def failures_count(self) -> int:
        """Number of failures."""
        return int(self.low_y.size)


def lifetime_records(failure_records: pl.DataFrame, kind: str) -> LifetimeRecords:
    """Lives of one kind of asset, from the rows whose event is ``lifetime``.

    Parameters
    ----------
    failure_records : polars.DataFrame
        Table ``failure_records``.
    kind : str
        Kind of asset.

    Returns
    -------
    LifetimeRecords
        Its lives; none when the table has none.

    Raises
    ------
    StudyError
        When rows contradict themselves; all are told.
    """
    rows = _select(failure_records, kind, "lifetime")
    faults = [fault for row in rows.to_dicts() for fault in _row_faults(row)]
    if faults:
        message = f"The lifetime records of {kind} have faults"
        raise StudyError(message, faults)
    return LifetimeRecords(
        entry_y=rows["watched_from_y"].fill_null(0.0).to_numpy(),
        low_y=rows["low_y"].to_numpy(),
        high_y=rows["high_y"].fill_null(np.inf).to_numpy(),
    )


def recurrent_records(failure_records: pl.DataFrame, kind: str) -> RecurrentRecords:
    """Histories of one kind of asset, from the rows whose event is ``recurrent``.

    A row with ``high_y`` is a failure, one without is the end of watching of its unit. A unit
    without such an end counts as watched until its last failure.

    Parameters
    ----------
    failure_records : polars.DataFrame
        Table ``failure_records``.
    kind : str
        Kind of asset.

    Returns
    -------
    RecurrentRecords
        Its histories; none when the table has none.

    Raises
    ------
    StudyError
        When rows contradict themselves or each other; all are told.
    """
    rows = _select(failure_records, kind, "recurrent")
    faults = [fault for row in rows.to_dicts() for fault in _row_faults(row)]
    units = rows.partition_by("unit_id", maintain_order=True)
    faults.extend(fault for unit in units for fault in _unit_faults(unit))
    if faults:
        message = f"The recurrent records of {kind} have faults"
        raise StudyError(message, faults)
    ends = [unit.filter(pl.col("high_y").is_null())["low_y"].to_list() for unit in units]
    failures = rows.filter(pl.col("high_y").is_not_null())
    places = {unit["unit_id"][0]: place for place, unit in enumerate(units)}
    return RecurrentRecords(
        start_y=np.array([_start(unit) for unit in units], float),
        end_y=np.array(
            [end[0] if end else _highest(unit) for end, unit in zip(ends, units, strict=True)],
            float,
        ),
        ends_with_failure=np.array([not end for end in ends], bool),
        unit=np.array([places[name] for name in failures["unit_id"]], np.int64),
        low_y=failures["low_y"].to_numpy(),
        high_y=failures["high_y"].to_numpy(),
    )


def _select(failure_records: pl.DataFrame, kind: str, event: str) -> pl.DataFrame:
    lines = pl.int_range(pl.len()) + _HEADER_LINES
    is_meant = (pl.col("kind") == kind) & (pl.col("event") == event)
    numbers = pl.col("watched_from_y", "low_y", "high_y").cast(pl.Float64)
    return failure_records.with_columns(lines.alias("row"), numbers).filter(is_meant)


def _row_faults(row: _Row) -> Iterator[Fault]:
    start, low, high = (
        None if row[name] is None else float(str(row[name]))
        for name in ("watched_from_y", "low_y", "high_y")
    )
    line = int(str(row["row"]))
    name = f"Record {row['record_id']}"
    if low is None:
        cause = f"{name} does not say until when it is known to have worked."
        yield Fault(cause, "Give low_y.", _FILE, line, "low_y")
        return
    if high is not None and high < low:
        cause = f"{name} failed at {high} y, before {low} y, when it still worked."
        yield Fault(cause, "Put low_y <= high_y.", _FILE, line, "high_y")
    if high is not None and high <= 0:
        cause = f"{name} failed at age 0."
        yield Fault(cause, "Give the age at failure, above 0.", _FILE, line, "high_y")
    if start is not None and start > low:
        cause = f"{name} was watched from {start} y, later than {low} y, when it is known to work."
        yield Fault(cause, "Put watched_from_y <= low_y.", _FILE, line, "watched_from_y")


def _unit_faults(unit: pl.DataFrame) -> Iterator[Fault]:
    name = unit["unit_id"][0]
    ends = unit.filter(pl.col("high_y").is_null())
    if ends.height > 1:
        cause = f"Unit {name} has {ends.height} rows that end its watching."
        yield Fault(cause, "Keep one row without high_y.", _FILE, ends["row"][1], "high_y")
    starts = unit["watched_from_y"].drop_nulls().unique()
    if starts.len() > 1:
        cause = f"Unit {name} has several ages at which watching began."
        yield Fault(cause, "Give one age in all its rows.", _FILE, None, "watched_from_y")
    if ends.height == 1:
        end = ends["low_y"][0]
        for row in unit.filter(pl.col("high_y") > end).to_dicts():
            cause = f"Unit {name} failed at {row['high_y']} y, after its watching ended at {end} y."
            yield Fault(cause, "Correct one of the two.", _FILE, row["row"], "high_y")
    start = _start(unit)
    for row in unit.filter(pl.col("low_y") < start).to_dicts():
        if row["watched_from_y"] is None:
            cause = f"Unit {name} failed at {row['low_y']} y, before its watching began."
            yield Fault(cause, "Correct one of the two.", _FILE, row["row"], "low_y")


def _start(unit: pl.DataFrame) -> float:
    starts = unit["watched_from_y"].drop_nulls()
    return 0.0 if starts.is_empty() else float(starts[0])


def _highest(unit: pl.DataFrame) -> float:
    return float(str(unit["high_y"].max()))
