"""Procedures at the places where they are worked, as arrays.

Main class: :class:`ProcedureBook`. The rules are those of
:mod:`arterial.timetable.coaches.procedures`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from arterial.clock import civil_to_epoch_s, parse_clock_time
from arterial.operations.coaches.arrays import ProcedureArrays
from arterial.operations.coaches.causes import CauseBook
from arterial.operations.coaches.disturbance_sources import Disturbance
from arterial.timetable.coaches.procedures import Procedure, ProcedureStep

__all__ = ["ProcedureBook", "read_kinds"]

KIND_CAUSES: Final = {"border": "border"}


@dataclass(slots=True)
class ProcedureBook:
    """Procedures as they are entered, each once for each place.

    Parameters
    ----------
    book : CauseBook
        Where sources are entered.
    kinds : dict of str to str
        Kind of each procedure of the study.
    mishaps : sequence of Disturbance
        Disturbances that prolong procedures at their point.
    days : tuple of date
        First and last day for which opening hours are wanted.
    epoch : date
        Study epoch.
    """

    book: CauseBook
    kinds: dict[str, str]
    mishaps: Sequence[Disturbance]
    days: tuple[date, date]
    epoch: date
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _steps: list[dict[str, Any]] = field(default_factory=list)
    _begin: list[int] = field(default_factory=lambda: [0])
    _mishaps: list[list[Disturbance]] = field(default_factory=list)

    def enter(self, procedure: Procedure, point_id: str, zone: str, point_name: str) -> int:
        """Enter a procedure at a place; its number."""
        key = (procedure.procedure_id, point_id)
        if key in self._numbers:
            return self._numbers[key]
        places = {step.sequence: number for number, step in enumerate(procedure.steps)}
        cause = KIND_CAUSES.get(self.kinds.get(procedure.procedure_id, ""), "dwell")
        for step in procedure.steps:
            self._steps.append(self._read(procedure, step, places, cause, (point_id, point_name)))
            self._steps[-1]["windows"] = self._list_windows(step, zone)
        self._begin.append(len(self._steps))
        self._mishaps.append([item for item in self.mishaps if item.row["point_id"] == point_id])
        self._numbers[key] = len(self._begin) - 2
        return self._numbers[key]

    def _read(
        self,
        procedure: Procedure,
        step: ProcedureStep,
        places: dict[int, int],
        cause: str,
        point: tuple[str, str],
    ) -> dict[str, Any]:
        key = f"{procedure.procedure_id or 'connection'}:{step.sequence}@{point[0]}"
        name = f"{step.name}, {point[1]}"
        return {
            "low": float(round(step.duration.low_s)),
            "best": round(step.duration.best_s),
            "high": float(round(step.duration.high_s)),
            "after": [places[number] for number in step.after if number in places],
            "source": self.book.add(f"step:{key}", cause, name, point_id=point[0]),
            "opening": self.book.add(
                f"opening:{key}", cause, f"Opening hours: {name}", point_id=point[0]
            ),
        }

    def _list_windows(self, step: ProcedureStep, zone: str) -> list[tuple[int, int]]:
        if step.opens is None and step.closes is None:
            return []
        opens, closes = step.opens or "00:00", step.closes or "00:00"
        over_midnight = parse_clock_time(closes) <= parse_clock_time(opens)
        windows = []
        for number in range((self.days[1] - self.days[0]).days + 1):
            day = self.days[0] + timedelta(days=number)
            close_day = day + timedelta(days=1) if over_midnight else day
            windows.append(
                (
                    civil_to_epoch_s(day, opens, zone, self.epoch, allow_gap=True),
                    civil_to_epoch_s(close_day, closes, zone, self.epoch, allow_gap=True),
                )
            )
        return windows

    def make_arrays(self) -> ProcedureArrays:
        """Arrays of all procedures entered."""
        steps = self._steps
        after = [place for step in steps for place in step["after"]]
        windows = [window for step in steps for window in step["windows"]]
        mishaps = [item for items in self._mishaps for item in items]
        return ProcedureArrays(
            begin=np.array(self._begin, np.int64),
            low_s=np.array([step["low"] for step in steps], np.float64),
            mode_s=np.array([step["best"] for step in steps], np.float64),
            high_s=np.array([step["high"] for step in steps], np.float64),
            best_s=np.array([step["best"] for step in steps], np.int64),
            after_begin=_begins([len(step["after"]) for step in steps]),
            after=np.array(after, np.int64),
            window_begin=_begins([len(step["windows"]) for step in steps]),
            opens_s=np.array([window[0] for window in windows], np.int64),
            closes_s=np.array([window[1] for window in windows], np.int64),
            source=np.array([step["source"] for step in steps], np.int64),
            opening_source=np.array([step["opening"] for step in steps], np.int64),
            mishap_begin=_begins([len(items) for items in self._mishaps]),
            mishap_source=np.array([item.source for item in mishaps], np.int64),
            mishap_rate=np.array([item.row["rate"] for item in mishaps], np.float64),
        )


def read_kinds(procedures: pl.DataFrame) -> dict[str, str]:
    """Kind of each procedure."""
    return dict(zip(procedures["procedure_id"], procedures["kind"], strict=True))


def _begins(counts: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
