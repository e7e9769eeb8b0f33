"""What the simulation of through coaches is told and what it is made of.

Main classes: :class:`CoachOptions` and :class:`CoachModel`, which can be sent to other processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.arrays import PoolArrays, World
from arterial.timetable import TimetableOptions

__all__ = ["CoachModel", "CoachOptions", "HostBlock", "RateRange"]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


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
    tolerance_min : float
        Lateness that still counts as punctual [min].
    parameter_set : str or None
        Name of the parameters of the assets, for the record.
    samples_steps : bool
        Whether steps of procedures are sampled; otherwise they take their best duration.
    draws_inputs : bool
        Whether rates of disturbances and assets and turn-round times are drawn inside, from
        ``estimates`` and from the low and high rates; False where the tables are already drawn.
    buffer_minutes : tuple of int
        Buffers that are tried at each hand-over [min].
    buffer_replications : int
        Replications of a draw on which they are tried; they cost more than the simulation itself.
    spare_sets : tuple of int
        Numbers of spare sets that are tried.
    causes_shown : int
        Causes of each group that the table of causes names; the rest is summed.
    """

    timetable: TimetableOptions
    seed: int = 1
    simulate_from: date | None = None
    simulate_to: date | None = None
    tolerance_min: float = 60.0
    parameter_set: str | None = None
    samples_steps: bool = True
    draws_inputs: bool = True
    buffer_minutes: tuple[int, ...] = (15, 30, 60, 120)
    buffer_replications: int = 20
    spare_sets: tuple[int, ...] = (0, 1, 2)
    causes_shown: int = 40


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
    world : World
        Arrays at the best values.
    pools : mapping of int to PoolArrays
        Coach sets at the start, by the number of spare sets; -1 = the spares that are planned.
    low_s, high_s : ndarray of int
        Earliest and latest times beside ``world.at_s``.
    list_base : ndarray of float
        Hazard of each entry of the lists of sources, before season and draw [1].
    hosts : tuple of HostBlock
        Times of each host.
    rates, turns : tuple of RateRange
        What is drawn of the sources and of the turn-rounds.
    nodes, trips, legs, events : polars.DataFrame
        What the numbers of causes, trips, legs and stops stand for.
    services : polars.DataFrame
        ``service_id``, ``announced_duration_h``.
    groups : tuple of tuple of str
        Service and name of each group.
    pool_ids : tuple of str
        Coach pools.
    asset_ids : tuple of str
        Assets, in the order of ``asset_hazards``.
    asset_hazards : ndarray of float
        Mean number of open failures of each at its baseline [1].
    left_out : tuple of str
        Trips that could not be simulated because a time is unknown.
    """

    options: CoachOptions
    world: World
    pools: Mapping[int, PoolArrays]
    low_s: Integers
    high_s: Integers
    list_base: Numbers
    hosts: tuple[HostBlock, ...]
    rates: tuple[RateRange, ...]
    turns: tuple[RateRange, ...]
    nodes: pl.DataFrame
    trips: pl.DataFrame
    legs: pl.DataFrame
    events: pl.DataFrame
    services: pl.DataFrame
    groups: tuple[tuple[str, str], ...]
    pool_ids: tuple[str, ...]
    asset_ids: tuple[str, ...]
    asset_hazards: Numbers
    left_out: tuple[str, ...] = field(default=())
