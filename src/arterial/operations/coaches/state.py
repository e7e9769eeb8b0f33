"""What a draw fixes and what a replication remembers, as rows with names.

Main classes: :class:`CoachPlan`, which kernels read, and :class:`CoachState`, which they write.
Each noun has one kind of row (`LEG`, `TRIP`, ...); a row number stands for each train, run, leg,
step and source of delay, and every time is int64 seconds since the epoch. Where rows own others,
``…_begin`` and ``…_end`` say which.
"""

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any, Final, NamedTuple, NewType

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = [
    "Chance",
    "CoachPlan",
    "CoachState",
    "Host",
    "Integers",
    "Leg",
    "Numbers",
    "PlaceProcedure",
    "Row",
    "Rows",
    "Run",
    "Source",
    "Trip",
    "Variant",
    "count_up",
    "fill_rows",
    "legs_between",
    "make_state",
    "month_of",
    "row_kind",
    "runs_between",
    "trips_of",
]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Rows = NDArray[np.void]
Row = Any
"""One row of `Rows`; its columns are attributes within kernels."""

Host = NewType("Host", int)
"""Row of `CoachPlan.hosts`."""
Run = NewType("Run", int)
"""Row of `CoachPlan.runs`: a host train on a day."""
Source = NewType("Source", int)
"""Row of `CoachPlan.sources`."""
PlaceProcedure = NewType("PlaceProcedure", int)
"""Row of `CoachPlan.procedures`; -1 = none."""
Leg = NewType("Leg", int)
"""Row of `CoachPlan.legs` and `CoachState.legs`."""
Trip = NewType("Trip", int)
"""Row of `CoachPlan.trips` and `CoachState.trips`."""

# Shapes of the delay of a source.
TRIANGULAR: Final = 0
UNIFORM: Final = 1
LOGNORMAL: Final = 2
OUTAGE: Final = 3

# Status of a leg and of a trip.
NOT_REACHED: Final = 0
RIDDEN: Final = 1
BROKEN_OFF: Final = 2
CANCELLED: Final = 3

# Kinds of buffers.
HOST_WAITS: Final = 0
HOST_LATER: Final = 1
STEP_SHORTER: Final = 2

NEVER: Final = -(1 << 60)
"""Stands for a time that has not come."""

CROSSING_POINTS: Final = 21
"""Points of the quantile function of the wait for crossings, 0 to 1 in twentieths."""

DEEPEST: Final = 30
"""Hand-overs missed one behind another that delay is followed through."""


def row_kind(integers: str, numbers: str = "") -> np.dtype[np.void]:
    """Kind of rows with the named columns of whole numbers, then those of other numbers."""
    columns = [(name, np.int64) for name in integers.split()]
    return np.dtype([*columns, *((name, np.float64) for name in numbers.split())])


HOST: Final = row_kind("step_begin stop_begin run_end crossing_source")
HOST_STEP: Final = row_kind(
    "is_stop offset_s recovery_s hazard_begin hazard_end day_begin day_end repeats_days "
    "restriction_s restriction_source",
    "crossing_share",
)
RUN: Final = row_kind("host midnight_s event")
SOURCE: Final = row_kind("shape day_slot day_group", "first second third factor day_rate")
PROCEDURE: Final = row_kind("step_begin step_end mishap_begin mishap_end")
PROCEDURE_STEP: Final = row_kind(
    "best_s after_begin after_end window_begin window_end source opening_source",
    "low_s mode_s high_s",
)
WINDOW: Final = row_kind("opens_s closes_s")
MISHAP: Final = row_kind("source", "rate")
LEG: Final = row_kind(
    "host from_stop to_stop announced_run first_run wait_s procedure plan_ready_s event "
    "passage short_source no_host_source no_later_source"
)
TRIP: Final = row_kind(
    "leg_begin leg_end event_begin event_end code pool from_place to_place turn_s turn_source "
    "next_trip is_to_home sets_there group works_group"
)
SET: Final = row_kind("pool place ready_s")
STAY: Final = row_kind("pool place from_s until_s")
VARIANT: Final = row_kind("kind seconds")


class CoachPlan(NamedTuple):
    """All that a draw of uncertain inputs fixes.

    ``stop_step``: step of each stop of a host. ``hazard_source`` and ``hazard_sum`` (n, 12): the
    sources that can delay a train on a step, and their hazards summed up within the step, month by
    month. ``day_source``: sources of a step that strike by the day. ``crossing_s`` (n_hosts, 21):
    quantiles of the wait for crossings. ``times_s``: times of all runs of all hosts. ``season``
    (n_sources, 12): factors. ``path`` (n_sources, 4): nodes of the tree of causes, from the source
    up to the total; -1 behind it. ``after``: steps that one waits for, counted within their
    procedure. ``sets``: coach
    sets at the start, for the planned and each tried number of spare sets one behind another, from
    ``set_begin``. ``stays``: of sets in the works, by their begin. ``months``: of each day from
    ``first_day``. ``cancel_after_s``: a trip that cannot leave within that is cancelled;
    ``closed_wait_s``: a host that would wait longer at a closed line is.
    """

    hosts: Rows
    host_steps: Rows
    stop_step: Integers
    hazard_source: Integers
    hazard_sum: Numbers
    day_source: Integers
    crossing_s: Numbers
    runs: Rows
    times_s: Integers
    sources: Rows
    season: Numbers
    path: Integers
    procedures: Rows
    procedure_steps: Rows
    after: Integers
    windows: Rows
    mishaps: Rows
    legs: Rows
    trips: Rows
    sets: Rows
    set_begin: Integers
    stays: Rows
    months: Integers
    first_day: int
    events_count: int
    longest_wait_s: int
    cancel_after_s: int
    closed_wait_s: int
    samples_steps: bool
    untraced_source: Source


# What a replication knows of a leg: the run that was taken and those missed before it, by how much
# the coach was late for the first of these, by when it should have been ready (`due_s`), what
# closed the line of the first that was cancelled, when that should have arrived, and where its
# delays begin in the trace.
LEG_STATE: Final = row_kind(
    "status run expected_run missed late_s due_s first_leave_s host_late_s left_late_s departure_s "
    "arrival_s no_host_s missed_wait_s cost_s from_procedure from_host from_ride trace_end "
    "closed_by closed_from_s"
)
TRIP_STATE: Final = row_kind("status set_ready_s before plan_ready_s arrival_s")
SET_STATE: Final = row_kind("pool place ready_s trip held_until_s")
DELAY: Final = row_kind("source seconds")
STEP_STATE: Final = row_kind("duration_s opened_s over_s before link")
# A ride turns a delay d at boarding into max(floor_s, d + shift_s) at each event.
EVENT_STATE: Final = row_kind("at_s floor_s shift_s")
# A line closed for too long cancels a run: by what, at which step, until when.
PASSAGE: Final = row_kind("is_known is_whole late_s floor_s shift_s closed_by step opens_s")
CLOSURE: Final = row_kind("closed_by step opens_s")
CLOCK: Final = row_kind(
    "strikes day late_s floor_s shift_s closed_by opens_s", "hazard_left crossing_s"
)
SIZES: Final = row_kind("trace touched sets")
NODE_STATE: Final = row_kind("primary_s knock_on_s is_touched")
LEVEL: Final = row_kind("shared_s bearing_s borne_s")


class CoachState(NamedTuple):
    """What is remembered of one replication.

    ``kept``: legs of a trip as they were before buffers are tried. ``is_served``: stays in the
    works that hold a set. ``trace``: delays in the order in which they were met. ``days_seen``: day
    on which a source last struck the run in hand. ``steps``: of the procedure in hand. ``events``:
    departures and arrivals of trips. ``passages``: what is known of a run between two stops, at the
    leg's ``passage`` plus the number of the run; the last one is for runs behind a closed line that
    the coach knows of, the ``closure`` (1,). ``clock``, ``sizes`` (1,): of the run in hand, and how
    much is filled. ``nodes``, ``touched``: what each cause has of the trip in hand, and which
    have any. ``levels``: see :mod:`arterial.operations.coaches.attribution_kernel`.
    """

    legs: Rows
    kept: Rows
    trips: Rows
    sets: Rows
    is_served: Integers
    trace: Rows
    days_seen: Integers
    steps: Rows
    events: Rows
    passages: Rows
    closure: Rows
    clock: Rows
    sizes: Rows
    nodes: Rows
    touched: Integers
    levels: Rows


@compiled(counts_references=False, is_merged=True)
def legs_between(first: int, end: int) -> Iterable[Leg]:
    """Legs from `first` to before `end`; so walked, their numbers keep their type."""
    return range(first, end)  # type: ignore[return-value]


@compiled(counts_references=False, is_merged=True)
def runs_between(first: int, end: int) -> Iterable[Run]:
    """Runs from `first` to before `end`."""
    return range(first, end)  # type: ignore[return-value]


@compiled(counts_references=False, is_merged=True)
def trips_of(plan: CoachPlan) -> Iterable[Trip]:
    """All trips in order of departure."""
    return range(len(plan.trips))  # type: ignore[return-value]


@compiled(counts_references=False, is_merged=True)
def month_of(plan: CoachPlan, day: int) -> int:
    """Month of a day, from 0; a coach that is late for months leaves the span of the calendar."""
    return int(plan.months[min(max(day - plan.first_day, 0), len(plan.months) - 1)])


class Chance(NamedTuple):
    """Key of the draw and number of the replication."""

    key: np.uint64
    replication: int


class Variant(NamedTuple):
    """What is changed at one leg: the host waits longer or leaves later, steps take less."""

    leg: int
    wait_s: int
    later_s: int
    shorter_s: int


def fill_rows(kind: np.dtype[np.void], columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Rows:
    """Rows of a kind from their columns; one that is not given is 0."""
    rows = np.zeros(len(next(iter(columns.values()))), kind)
    for name, column in columns.items():
        rows[name] = column
    return rows


def count_up(name: str, lists: Iterable[Sized]) -> dict[str, Sequence[Any] | NDArray[Any]]:
    """Columns ``…_begin`` and ``…_end`` of the entries of many lists, laid one behind another."""
    ends = np.cumsum([len(entries) for entries in lists], dtype=np.int64)
    return {f"{name}_begin": np.append(0, ends)[:-1], f"{name}_end": ends}


def make_state(plan: CoachPlan, trace: int) -> CoachState:
    """Room for one replication, all at 0.

    Parameters
    ----------
    plan : CoachPlan
        What is simulated.
    trace : int
        Delays that a replication can meet.

    Returns
    -------
    CoachState
        Memory; a kernel clears what it needs.
    """
    nodes = int(plan.path.max()) + 1
    passages = plan.legs["passage"] + plan.hosts["run_end"][plan.legs["host"]]
    steps = plan.procedures["step_end"] - plan.procedures["step_begin"]
    return CoachState(
        legs=np.zeros(len(plan.legs), LEG_STATE),
        kept=np.zeros(int((plan.trips["leg_end"] - plan.trips["leg_begin"]).max()), LEG_STATE),
        trips=np.zeros(len(plan.trips), TRIP_STATE),
        sets=np.zeros(int(np.diff(plan.set_begin).max()), SET_STATE),
        is_served=np.zeros(len(plan.stays), np.int64),
        trace=np.zeros(trace, DELAY),
        days_seen=np.zeros(int(plan.sources["day_slot"].max(initial=-1)) + 1, np.int64),
        steps=np.zeros(int(steps.max(initial=0)), STEP_STATE),
        events=np.zeros(plan.events_count, EVENT_STATE),
        passages=np.zeros(int(passages.max()) + 1, PASSAGE),
        closure=np.zeros(1, CLOSURE),
        clock=np.zeros(1, CLOCK),
        sizes=np.zeros(1, SIZES),
        nodes=np.zeros(nodes, NODE_STATE),
        touched=np.zeros(nodes, np.int64),
        levels=np.zeros(DEEPEST + 1, LEVEL),
    )
