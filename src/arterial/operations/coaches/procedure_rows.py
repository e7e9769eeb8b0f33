"""Procedures at the places where they are worked, as arrays.

Main class: :class:`ProcedureBuilder`. The rules are those of
:mod:`arterial.timetable.coaches.procedures`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import civil_to_epoch_s, parse_clock_time
from arterial.operations.coaches.causes import CauseBuilder
from arterial.operations.coaches.disturbance_sources import Disturbance
from arterial.operations.coaches.state import (
    MISHAP,
    PROCEDURE,
    PROCEDURE_STEP,
    WINDOW,
    PlaceProcedure,
    count_up,
    fill_rows,
)
from arterial.timetable.coaches.procedures import Procedure, ProcedureStep

__all__ = ["ProcedureBuilder", "read_kinds"]

KIND_CAUSES: Final = {"border": "border"}


@dataclass(slots=True)
class ProcedureBuilder:
    """Procedures as they are entered, each once for each place.

    Parameters
    ----------
    causes : CauseBuilder
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

    causes: CauseBuilder
    kinds: dict[str, str]
    mishaps: Sequence[Disturbance]
    days: tuple[date, date]
    epoch: date
    _numbers: dict[tuple[str, str], PlaceProcedure] = field(default_factory=dict)
    _steps: list[dict[str, Any]] = field(default_factory=list)
    _begin: list[int] = field(default_factory=lambda: [0])
    _mishaps: list[list[Disturbance]] = field(default_factory=list)

    def enter(
        self, procedure: Procedure, point_id: str, zone: str, point_name: str
    ) -> PlaceProcedure:
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
        self._numbers[key] = PlaceProcedure(len(self._begin) - 2)
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
            "source": self.causes.add(f"step:{key}", cause, name, point_id=point[0]),
            "opening": self.causes.add(
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

    def make_rows(self) -> dict[str, NDArray[Any]]:
        """All procedures entered, as fields of a :class:`CoachPlan`."""
        steps = self._steps
        windows = [window for step in steps for window in step["windows"]]
        mishaps = [item for items in self._mishaps for item in items]
        after = [step["after"] for step in steps]
        return {
            "procedures": fill_rows(
                PROCEDURE,
                {"step_begin": self._begin[:-1], "step_end": self._begin[1:]}
                | count_up("mishap", self._mishaps),
            ),
            "procedure_steps": fill_rows(
                PROCEDURE_STEP,
                {
                    "low_s": [step["low"] for step in steps],
                    "mode_s": [step["best"] for step in steps],
                    "high_s": [step["high"] for step in steps],
                    "best_s": [step["best"] for step in steps],
                    "source": [step["source"] for step in steps],
                    "opening_source": [step["opening"] for step in steps],
                }
                | count_up("after", after)
                | count_up("window", [step["windows"] for step in steps]),
            ),
            "after": np.array([place for places in after for place in places], np.int64),
            "windows": np.array(windows, WINDOW),
            "mishaps": np.array([(item.source, item.row["rate"]) for item in mishaps], MISHAP),
        }


def read_kinds(procedures: pl.DataFrame) -> dict[str, str]:
    """Kind of each procedure."""
    return dict(zip(procedures["procedure_id"], procedures["kind"], strict=True))
