"""Host trains as arrays: their steps with all that can delay them, and their dated runs.

Main class: :class:`HostBuilder`.

`read_crossing_waits` gives the waits for crossings on a single line beyond what a host's timetable
holds.
"""

import itertools
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.asset_sources import AssetSources, Entries, restrict_piece
from arterial.operations.coaches.causes import CauseBuilder
from arterial.operations.coaches.disturbance_sources import Disturbance, place_disturbances
from arterial.operations.coaches.host_steps import HostStep, cut_train
from arterial.operations.coaches.model import HostBlock
from arterial.operations.coaches.state import (
    CROSSING_POINTS,
    HOST,
    HOST_STEP,
    OUTAGE,
    RUN,
    Host,
    Integers,
    Run,
    count_up,
    fill_rows,
)
from arterial.timetable.coaches.coach_services import Timetable
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["HostBuilder", "HostDays", "read_crossing_waits"]

_POINTS_COUNT: Final = 21
"""Points of the quantile function, 0 to 1 in twentieths."""
ORDER: Final = "among_passenger"
"""A through coach rides in passenger trains, which get their paths among one another."""
CASE_QUANTILES: Final = {"low": 0.0, "best": 0.5, "high": 1.0}
UNKNOWN_S: Final = -(1 << 59)


@dataclass(frozen=True, slots=True)
class HostDays:
    """Days of a host train that the simulation may need.

    Parameters
    ----------
    running : tuple of date
        Days on which it runs.
    announced : tuple of date
        Other days on which a trip is announced for it.
    """

    running: tuple[date, ...]
    announced: tuple[date, ...]


@dataclass(slots=True)
class HostBuilder:
    """Host trains as they are entered.

    Parameters
    ----------
    timetable : Timetable
        Hosts and their times.
    results : mapping of str to polars.DataFrame
        ``section_runs`` and, where there are any, ``crossing_delays`` and ``host_delays``.
    tables : mapping of str to polars.DataFrame
        Tables of the study.
    causes : CauseBuilder
        Where sources are entered.
    assets : AssetSources
        Assets by section.
    disturbances : sequence of Disturbance
        Disturbances.
    """

    timetable: Timetable
    results: Mapping[str, pl.DataFrame]
    tables: Mapping[str, pl.DataFrame]
    causes: CauseBuilder
    assets: AssetSources
    disturbances: Sequence[Disturbance]
    numbers: dict[str, Host] = field(default_factory=dict)
    blocks: list[HostBlock] = field(default_factory=list)
    runs: dict[tuple[str, date], Run] = field(default_factory=dict)
    run_ends: dict[str, Run] = field(default_factory=dict)
    _running: dict[str, tuple[date, ...]] = field(default_factory=dict)
    _passages: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _passages_count: int = 0
    _columns: dict[str, list[Any]] = field(default_factory=dict)
    _lists: list[Entries] = field(default_factory=list)
    _times: list[Integers] = field(default_factory=list)

    def enter(self, train_id: str, days: HostDays) -> None:
        """Enter a train with the days that may be needed."""
        plan = self.timetable.timer.plans[train_id]
        steps = cut_train(plan, self.results["section_runs"], self.tables)
        self.numbers[train_id] = Host(len(self.numbers))
        first_step = len(self._lists)
        times = self._enter_runs(train_id, days, 2 * len(plan.stops))
        self._extend("step_begin", [first_step])
        self._extend("stop_begin", [len(self._columns.get("stop_step", []))])
        stop_steps = [first_step + number for number, step in enumerate(steps) if step.stop >= 0]
        self._extend("stop_step", stop_steps)
        self._enter_steps(train_id, steps)
        midnight_s = self._columns["run_midnight_s"][-len(times)]
        offsets = _list_offsets(steps, times[0, :, 1] - midnight_s)
        self._extend("offset_s", offsets)
        self._enter_crossings(train_id, steps, times)

    def find_run(self, train_id: str, day: date) -> Run:
        """First run of a train on a running day that is not before `day`; its end where none is."""
        running = self._running[train_id]
        return Run(self.run_ends[train_id] - len(running) + bisect_left(running, day))

    def find_passage(self, train_id: str, from_stop: int, to_stop: int) -> int:
        """Where what a replication knows of a train between two stops begins, less its first run.

        Legs of all trips that ride alike share it.
        """
        key = (train_id, from_stop, to_stop)
        if key not in self._passages:
            first_run = self.run_ends[train_id] - len(self._running[train_id])
            self._passages[key] = self._passages_count - first_run
            self._passages_count += len(self._running[train_id])
        return self._passages[key]

    def _extend(self, column: str, values: Sequence[Any]) -> None:
        self._columns.setdefault(column, []).extend(values)

    def _enter_runs(self, train_id: str, days: HostDays, events_count: int) -> Integers:
        rows = []
        first_run = len(self._columns.get("run_host", []))
        for day in (*days.running, *days.announced):
            run = self.timetable.timer.time(train_id, day)
            self.runs[train_id, day] = Run(len(self.runs))
            rows.append(
                [
                    (UNKNOWN_S,) * 3
                    if event is None
                    else (event.at.low_at_s, event.at.at_s, event.at.high_at_s)
                    for event in run.events
                ]
            )
            midnight = (day - self.timetable.options.epoch).days * DAY_S
            self._extend("run_midnight_s", [midnight])
        count = len(rows)
        self._extend("run_host", [self.numbers[train_id]] * count)
        self._running[train_id] = days.running
        self.run_ends[train_id] = Run(first_run + len(days.running))
        self._extend("run_end", [self.run_ends[train_id]])
        begin = self.blocks[-1].end if self.blocks else 0
        self._extend("run_event", [begin + number * events_count for number in range(count)])
        array = np.array(rows, np.int64).reshape(count, events_count, 3)
        self._times.append(array.reshape(-1, 3))
        self.blocks.append(
            HostBlock(
                train_id, begin, begin + count * events_count, events_count,
                np.empty(0, np.int64), np.empty(0), 0,
            )
        )  # fmt: skip
        return array

    def _enter_steps(self, train_id: str, steps: Sequence[HostStep]) -> None:
        placed = place_disturbances(train_id, steps, self.disturbances)
        block = self.blocks[-1]
        self.blocks[-1] = HostBlock(
            train_id, block.begin, block.end, block.events_count,
            np.array([step.link for step in steps], np.int64),
            np.array([step.planned_share * step.recovery_share for step in steps]),
            len(self._lists),
        )  # fmt: skip
        for step, there in zip(steps, placed, strict=True):
            entries = self.assets.on_piece(step)
            sources = [source for source, _ in there.hazards]
            hazards = [hazard for _, hazard in there.hazards]
            self._lists.append(
                Entries(
                    np.concatenate([entries.sources, np.array(sources, np.int64)]),
                    np.concatenate([entries.hazards, np.array(hazards, np.float64)]),
                )
            )
            self._extend("is_stop", [step.stop >= 0])
            self._extend("days", [there.days])
            lost_s = restrict_piece(self.assets, step)
            self._extend("restriction_s", [lost_s])
            self._extend("restriction_source", [self._enter_restriction(step, lost_s)])

    def _enter_restriction(self, step: HostStep, lost_s: int) -> int:
        if lost_s <= 0 or step.section_id is None:
            return -1
        name = f"Speed that the condition of {step.section_id} allows"
        return self.causes.add(
            f"restriction:{step.section_id}", "speed_restriction", name, section_id=step.section_id
        )

    def _enter_crossings(
        self, train_id: str, steps: Sequence[HostStep], times: NDArray[np.int64]
    ) -> None:
        waits_s = read_crossing_waits(
            self.results, train_id, times[0], closed_share=self._find_closed_share(len(steps))
        )
        source = -1
        if waits_s is not None and waits_s.max() > 0:
            name = f"Crossings of {self.timetable.name_train(train_id)}"
            source = self.causes.add(f"crossing:{train_id}", "crossing", name)
        self._extend("crossing_source", [source])
        self._extend("crossing_s", [np.zeros(CROSSING_POINTS) if waits_s is None else waits_s])
        lengths = np.cumsum([step.length_km for step in steps])
        self._extend("crossing_share", list(lengths / max(lengths[-1], 1e-9)))

    def _find_closed_share(self, steps_count: int) -> float:
        """Share of the runs of the train entered last that meet a closed line on their way."""
        lists = self._lists[-steps_count:]
        open_count = sum(
            hazard
            for entries in lists
            for source, hazard in zip(
                entries.sources.tolist(), entries.hazards.tolist(), strict=True
            )
            if self.causes.delays[source].shape == OUTAGE
        )
        return 1.0 - math.exp(-open_count)

    @property
    def times(self) -> Integers:
        """Low, best and high time of each event, ``(n, 3)``."""
        return np.concatenate(self._times)

    @property
    def hazards(self) -> NDArray[np.float64]:
        """Hazard of each entry of the lists of sources."""
        return np.concatenate([entries.hazards for entries in self._lists])

    def make_rows(self) -> dict[str, NDArray[Any]]:
        """All hosts as fields of a :class:`CoachPlan`; each draw fills in what can be made up."""
        columns = self._columns
        days = columns["days"]
        hosts = {name: columns[name] for name in HOST.names or ()}
        steps = {
            name: columns[name]
            for name in (
                "is_stop", "offset_s", "restriction_s", "restriction_source", "crossing_share"
            )
        }  # fmt: skip
        # The first step of a train, a stop without a step before it, asks anew in any case: its
        # run begins with no day asked.
        repeats = [False, *(day == before for before, day in itertools.pairwise(days))]
        return {
            "hosts": fill_rows(HOST, hosts),
            "host_steps": fill_rows(
                HOST_STEP,
                steps
                | {"repeats_days": repeats}
                | count_up("hazard", [entries.sources for entries in self._lists])
                | count_up("day", days),
            ),
            "stop_step": np.array(columns["stop_step"], np.int64),
            "hazard_source": np.concatenate([entries.sources for entries in self._lists]),
            "day_source": np.array([source for each in days for source in each], np.int64),
            "crossing_s": np.array(columns["crossing_s"], np.float64),
            "runs": fill_rows(RUN, {name: columns[f"run_{name}"] for name in RUN.names or ()}),
            "times_s": self.times[:, 1].copy(),
        }


def _list_offsets(steps: Sequence[HostStep], times: NDArray[np.int64]) -> list[int]:
    """Planned entry of each step after the midnight of the operating day [s].

    Parameters
    ----------
    steps : sequence of HostStep
        Steps of a train.
    times : ndarray
        Best time of each event of one run [s from midnight].
    """
    offsets: list[int] = []
    at = 0.0
    for step in steps:
        if step.stop >= 0:
            arrival = times[2 * step.stop]
            at = float(arrival) if arrival > UNKNOWN_S // 2 else at
            offsets.append(round(at))
            departure = times[2 * step.stop + 1]
            at = float(departure) if departure > UNKNOWN_S // 2 else at
            continue
        offsets.append(round(at))
        begin, end = times[2 * step.link + 1], times[2 * step.link + 2]
        if min(begin, end) > UNKNOWN_S // 2:
            at += float(end - begin) * step.planned_share
    return offsets


def read_crossing_waits(
    results: Mapping[str, pl.DataFrame],
    train_id: str,
    times: NDArray[np.int64],
    *,
    closed_share: float = 0.0,
) -> NDArray[np.float64] | None:
    """Quantiles of the wait of a train for crossings beyond its timetable [s].

    The simulation of the line gives delays against the laid path (``host_delays``: ``train_id``,
    ``quantile``, ``delay_min``); what the timetable holds beyond that path makes up for them.
    Without it they come from ``crossing_delays``: by how much the journey between other trains is
    longer than planned, for few, middling and many of them.

    Parameters
    ----------
    results : mapping of str to polars.DataFrame
        Result tables.
    train_id : str
        Host train.
    times : ndarray, shape (n_events, 3)
        Low, best and high times of a run; its best ends give the planned journey.
    closed_share : float
        Share of the runs that meet a closed line. They are drawn from the assets, so the longest
        waits, in that share of the runs, count as no longer than the others.

    Returns
    -------
    ndarray of float, shape (_POINTS_COUNT,), or None
        None if nothing is known of the train's crossings.
    """
    grid = np.linspace(0.0, 1.0, _POINTS_COUNT)
    longer_s = _compare_journeys(results, train_id, float(times[-2, 1] - times[1, 1]))
    line = results.get("host_delays")
    if line is not None:
        rows = line.filter(pl.col("train_id") == train_id).sort("quantile")
        if rows.height:
            delays = rows["delay_min"].to_numpy() * MINUTE_S
            beyond = np.clip(delays + min(longer_s.get("best", 0.0), 0.0), 0.0, None)
            places = np.minimum(grid, 1.0 - closed_share)
            return np.asarray(np.interp(places, rows["quantile"].to_numpy(), beyond), np.float64)
    waits = {case: max(0.0, seconds) for case, seconds in longer_s.items()}
    known = sorted((CASE_QUANTILES[case], wait) for case, wait in waits.items())
    if not known:
        return None
    rising = np.maximum.accumulate([wait for _, wait in known])
    return np.asarray(np.interp(grid, [place for place, _ in known], rising), np.float64)


def _compare_journeys(
    results: Mapping[str, pl.DataFrame], train_id: str, planned_s: float
) -> dict[str, float]:
    """By how much the laid journey of each case is longer than planned; less than 0 if shorter."""
    laid = results.get("crossing_delays")
    if laid is None:
        return {}
    rows = laid.filter((pl.col("train_id") == train_id) & (pl.col("host_order") == ORDER))
    cases = rows.group_by("flow_case", maintain_order=True).agg(pl.col("journey_h").mean())
    return {
        case: journey * HOUR_S - planned_s
        for case, journey in cases.iter_rows()
        if journey is not None
    }
