"""What the simulation of through coaches is told and what it is made of.

Main classes: :class:`CoachOptions` and :class:`CoachModel`, which can be sent to other processes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from arterial.operations.coaches.state import CoachPlan, Integers, Numbers, Rows
from arterial.timetable import TimetableOptions

__all__ = ["CoachModel", "CoachOptions", "HostBlock", "RateRange", "RunIn"]


@dataclass(frozen=True, slots=True)
class CoachOptions:
    """Settings of the simulation of through coaches.

    Parameters
    ----------
    timetable : TimetableOptions
        Epoch, horizon, days to look ahead for the next host, time for a hand-over without steps.
    seed : int
        Seed of the study.
    simulate_from, simulate_to : date, optional
        First and last local day of departure; the horizon by default.
    run_in_days : int
        Days before the first one from which coach sets are followed, without being counted: else
        the first departures would all find a set, and a short horizon look better than a long one.
    tolerance_min : float
        Lateness that still counts as punctual [min].
    parameter_set : str or None
        Name of the parameters of the assets, for the record.
    samples_steps : bool
        Whether steps of procedures are sampled; otherwise they take their best duration.
    draws_inputs : bool
        Whether rates and sizes of disturbances, rates of assets, turn-round times and waits of
        hosts are drawn inside, from ``estimates`` and from the low and high rates; False where the
        tables are already drawn.
    trusts_announcements : bool
        Whether a drawn timetable is drawn again until each announced hand-over can be made and the
        announced day of arrival be kept if nothing goes wrong: an operator has planned what he
        announces. An assumption.
    cancel_after_h : float
        How long after its announced time a trip leaves at most; then it is cancelled [h].
    closed_line_wait_h : float
        Wait at a closed line after which a host train is cancelled [h].
    buffer_minutes : tuple of int
        Buffers that are tried at each hand-over [min].
    buffer_replications : int
        Replications of a draw on which they are tried.
    spare_sets : tuple of int
        Numbers of spare sets that are tried.
    causes_shown : int
        Causes of each group that the table of causes names; the rest is summed.
    """

    timetable: TimetableOptions
    seed: int = 1
    simulate_from: date | None = None
    simulate_to: date | None = None
    run_in_days: int = 42
    tolerance_min: float = 60.0
    parameter_set: str | None = None
    samples_steps: bool = True
    draws_inputs: bool = True
    trusts_announcements: bool = True
    cancel_after_h: float = 48.0
    closed_line_wait_h: float = 24.0
    buffer_minutes: tuple[int, ...] = (15, 30, 60, 120)
    buffer_replications: int = 20
    spare_sets: tuple[int, ...] = (0, 1, 2)
    causes_shown: int = 40

    @property
    def first_day(self) -> date:
        """First local day of departure that counts."""
        begin = self.timetable.horizon_from
        return max(self.simulate_from or begin, begin)

    @property
    def run_in_from(self) -> date:
        """First local day of departure that is followed."""
        return self.first_day - timedelta(days=self.run_in_days)


class RunIn(NamedTuple):
    """How many trips, legs and events of a plan come before the first that counts."""

    trips: int
    legs: int
    events: int


@dataclass(frozen=True, slots=True)
class RateRange:
    """Ends of an uncertain factor that share one draw.

    Parameters
    ----------
    name : str
        What is drawn; it names the stream of chance.
    rows : ndarray of int, shape (n,)
        Rows that the factor multiplies.
    low, high : ndarray of float, shape (n,)
        Factor at either end; 1 is the best value.
    """

    name: str
    rows: Integers
    low: Numbers
    high: Numbers


@dataclass(frozen=True, slots=True)
class HostBlock:
    """Times of all runs of one host train.

    Parameters
    ----------
    train_id : str
        The train.
    begin, end : int
        Its rows in the flat array of times.
    events_count : int
        Arrivals and departures of a run.
    step_link, step_share : ndarray, shape (n_steps,)
        Link between stops that a step belongs to (-1 = standstill), and the share of the link's
        planned time that the step can make up [1].
    first_step : int
        First step of the train.
    """

    train_id: str
    begin: int
    end: int
    events_count: int
    step_link: Integers
    step_share: Numbers
    first_step: int


@dataclass(frozen=True, slots=True)
class CoachModel:
    """Through coaches, their hosts and all that delays them, ready to be simulated.

    Parameters
    ----------
    options : CoachOptions
        Settings.
    plan : CoachPlan
        All that is simulated, at the best values; without ``hazard_sum``, which each draw makes.
    low_s, high_s : ndarray of int
        Earliest and latest times beside ``plan.times_s``.
    hazard_base : ndarray of float
        Hazard beside each ``plan.hazard_source``, before season and draw [1].
    hosts : tuple of HostBlock
        Times of each host.
    rates, turns : tuple of RateRange
        What is drawn of the sources and of the turn-rounds.
    delays, waits : tuple of RateRange
        What is drawn of the size of disturbances and of how long hosts wait.
    run_in : RunIn
        Rows of the plan that are followed and not counted, the first of each kind.
    nodes, trips, legs, events : polars.DataFrame
        What the numbers of causes, trips, legs and stops stand for; those that count.
    services : polars.DataFrame
        ``service_id``, ``announced_duration_h``, ``announced_arrival_day``.
    groups : tuple of tuple of str
        Service and name of each group.
    pool_ids : tuple of str
        Coach pools.
    """

    options: CoachOptions
    plan: CoachPlan
    low_s: Integers
    high_s: Integers
    hazard_base: Numbers
    hosts: tuple[HostBlock, ...]
    rates: tuple[RateRange, ...]
    turns: tuple[RateRange, ...]
    delays: tuple[RateRange, ...]
    waits: tuple[RateRange, ...]
    run_in: RunIn
    nodes: pl.DataFrame
    trips: pl.DataFrame
    legs: pl.DataFrame
    events: pl.DataFrame
    services: pl.DataFrame
    groups: tuple[tuple[str, str], ...]
    pool_ids: tuple[str, ...]

    @property
    def counted(self) -> Rows:
        """Trips of the plan that count, their legs and events numbered as in the tables."""
        rows = self.plan.trips[self.run_in.trips :].copy()
        for end in ("begin", "end"):
            rows[f"leg_{end}"] -= self.run_in.legs
            rows[f"event_{end}"] -= self.run_in.events
        return rows
