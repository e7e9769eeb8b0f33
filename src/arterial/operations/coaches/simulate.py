"""Batches of replications of all through coaches, and the parts that they leave.

Main function: :func:`simulate_coaches`. A plan is drawn for each draw of what is not known
(:func:`draw_plan`); draw -1 has the best values. Each uncertain input has its own stream of chance,
so that nothing shifts when another is added.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.operations.chance import make_key
from arterial.operations.coaches.cells import list_cells, list_variants
from arterial.operations.coaches.delay_bins import count_bins, make_bins, tabulate_bins
from arterial.operations.coaches.hosts_kernel import sum_hazards
from arterial.operations.coaches.model import CoachModel, HostBlock, RateRange
from arterial.operations.coaches.outcome import Outcome, leave_out, make_groups, make_outcome
from arterial.operations.coaches.parts import Batch, make_parts
from arterial.operations.coaches.state import (
    LOGNORMAL,
    TRIANGULAR,
    CoachPlan,
    Integers,
    Numbers,
    Rows,
    make_state,
)
from arterial.operations.coaches.timetable_draws import draw_times
from arterial.operations.coaches.trips_kernel import simulate_replications
from arterial.operations.coaches.unknowns import name_steps
from arterial.randomness import stream
from arterial.study.unknowns import BEST_NUMBER, Draw, place_triangular, to_draw
from arterial.units import MONTHS_PER_YEAR

__all__ = ["draw_plan", "simulate_coaches"]


class _DrawnPlan(NamedTuple):
    """One draw, and how its timetable was found.

    Parameters
    ----------
    plan : CoachPlan
        For the simulation.
    attempts : int
        Timetables that were drawn.
    missed_s : int
        By how much what was announced cannot be kept in it [s].
    """

    plan: CoachPlan
    attempts: int
    missed_s: int


BATCH: Final = 500
MOST_STRIKES: Final = 10_000
"""Delays of a train on one step beyond which a journey is not followed [1]."""

TRACE_PER_TRIP: Final = 256
MOST_TRACE_PER_TRIP: Final = 1 << 16


def simulate_coaches(
    model: CoachModel,
    *,
    draws: Sequence[int | Draw],
    first_replication: int,
    replications: int,
) -> Mapping[str, pl.DataFrame]:
    """Simulate replications of each of some draws of the uncertain inputs.

    A replication is one span of time with all services. What it gives does not depend on how the
    replications are cut into calls.

    Parameters
    ----------
    model : CoachModel
        From :func:`arterial.operations.coaches.prepare_coaches`.
    draws : sequence of int or Draw
        The draws or their numbers, one at least; -1 for the best values.
    first_replication, replications : int
        Number of the first one, and how many.

    Returns
    -------
    mapping of str to polars.DataFrame
        Parts: ``simulated_trips`` as in the schema; ``coach_sums``, ``place_bins``, ``cause_sums``
        and ``coach_batches`` for :func:`arterial.operations.coaches.summarise_coaches`.

    Raises
    ------
    LimitError
        If a journey meets more delays than can be kept.
    """
    if replications < 1:
        message = f"At least one replication is needed, not {replications}."
        raise LimitError(message)
    cells, bins = list_cells(model), make_bins(model.events.height)
    parts: list[Mapping[str, pl.DataFrame]] = []
    end = first_replication + replications
    for picture in map(to_draw, draws):
        drawn, number = draw_plan(model, picture), picture.number
        for begin in range(first_replication, end, BATCH):
            outcome = _simulate_batch(model, drawn, number, begin, min(BATCH, end - begin))
            count_bins(outcome.events_s, bins)
            batch = Batch(number, begin, outcome, drawn.attempts, drawn.missed_s)
            parts.append(make_parts(model, cells, batch))
    whole = {name: pl.concat([part[name] for part in parts], rechunk=True) for name in parts[0]}
    return {**whole, "place_bins": tabulate_bins(bins)}


def _simulate_batch(
    model: CoachModel, drawn: _DrawnPlan, draw: int, begin: int, count: int
) -> Outcome:
    """Replications of a draw; the trace of delays grows until it is long enough."""
    key = make_key(model.options.seed, "operations/coaches", draw)
    tried = max(0, min(count, model.options.buffer_replications - begin))
    variants = list_variants(model)
    trace = TRACE_PER_TRIP
    while trace <= MOST_TRACE_PER_TRIP:
        state = make_state(drawn.plan, trace * len(drawn.plan.trips))
        outcome = make_outcome(drawn.plan, count, tried, len(variants))
        groups = make_groups(drawn.plan)
        if simulate_replications(drawn.plan, state, variants, key, begin, outcome, groups):
            return leave_out(outcome, model.run_in)
        trace *= 4
    message = "A journey meets more delays than can be kept; are the rates per kilometre right?"
    raise LimitError(message)


def draw_plan(model: CoachModel, draw: int | Draw) -> _DrawnPlan:
    """One draw of the uncertain inputs.

    The unknown times of a host move together: one number z between -1 and 1, symmetric triangular,
    puts each of its times z of the way from the best to the latest, or -z of the way to the
    earliest. Running times that nothing is known of move with them. Rates and turn-rounds move in
    the same way between their ends. The most likely duration of a step of a procedure is drawn
    within its range; each journey then has its own around it. Where announcements are trusted,
    timetables that cannot be kept as announced are drawn again, unless their scores are stated.

    Parameters
    ----------
    model : CoachModel
        The model.
    draw : int or Draw
        The draw or its number; -1 for the best values.

    Returns
    -------
    _DrawnPlan
        For the simulation. Takes some milliseconds, more where many timetables are drawn.
    """
    plan, seed, draw = model.plan, model.options.seed, to_draw(draw)
    mode_s = _draw_modes(model, draw)
    legs = plan.legs.copy()
    legs["wait_s"] = _draw_waits(model, draw)
    times = draw_times(model, draw, mode_s, legs["wait_s"])
    rates = np.ones(len(plan.sources))
    turn_s = plan.trips["turn_s"].astype(np.float64)
    if model.options.draws_inputs:
        for rate in model.rates:
            rates[rate.rows] = _draw_factor(rate, seed, draw)
        for turn in model.turns:
            turn_s[turn.rows] *= _draw_factor(turn, seed, draw)
    host_steps, trips = plan.host_steps.copy(), plan.trips.copy()
    procedure_steps, mishaps = plan.procedure_steps.copy(), plan.mishaps.copy()
    for host in model.hosts:
        steps = slice(host.first_step, host.first_step + len(host.step_link))
        run = times.at_s[host.begin : host.begin + host.events_count]
        host_steps["recovery_s"][steps] = _share_recovery(host, run)
    trips["turn_s"] = np.rint(turn_s)
    procedure_steps["mode_s"] = mode_s
    mishaps["rate"] *= rates[mishaps["source"]]
    drawn = plan._replace(
        host_steps=host_steps,
        hazard_sum=_sum_hazards(model, rates),
        sources=_draw_sources(model, rates, draw),
        trips=trips,
        procedure_steps=procedure_steps,
        mishaps=mishaps,
        legs=legs,
        times_s=times.at_s,
    )
    return _DrawnPlan(drawn, times.attempts, times.missed_s)


def _share_recovery(host: HostBlock, times_s: Integers) -> Integers:
    """What each step can make up: the supplement in the planned time of its link [s]."""
    links = np.maximum(host.step_link, 0)
    planned_s = np.clip(times_s[2 * links + 2] - times_s[2 * links + 1], 0, None)
    made_up_s = np.where(host.step_link >= 0, np.floor(planned_s * host.step_share), 0)
    return np.asarray(made_up_s, np.int64)


def _draw_factor(rate: RateRange, seed: int, draw: Draw) -> Numbers:
    """Factors between the ends of a range that share one draw; 1 at the best value."""
    z = _draw_place(seed, rate.name, draw)
    return 1.0 + z * (rate.high - 1.0 if z >= 0 else 1.0 - rate.low)


def _draw_waits(model: CoachModel, draw: Draw) -> Integers:
    """How long the host of each leg waits [s]."""
    wait_s = model.plan.legs["wait_s"].astype(np.float64)
    if model.options.draws_inputs:
        for wait in model.waits:
            wait_s[wait.rows] += _draw_factor(wait, model.options.seed, draw) - 1.0
    return np.clip(np.rint(wait_s), 0, None).astype(np.int64)


def _draw_sources(model: CoachModel, rates: NDArray[np.float64], draw: Draw) -> Rows:
    """Sources of delay, the most likely delay of each disturbance drawn within its range.

    That is the median of a lognormal one, whose spread stays, and the peak of a triangular one,
    whose ends stay.
    """
    sources = model.plan.sources.copy()
    sources["day_rate"] *= rates
    if model.options.draws_inputs:
        for size in model.delays:
            rows = sources[size.rows]
            factor = _draw_factor(size, model.options.seed, draw)
            is_lognormal = rows["shape"] == LOGNORMAL
            rows["first"] = np.where(is_lognormal, rows["first"] * factor, rows["first"])
            peak = np.clip(rows["second"] * factor, rows["first"], rows["third"])
            rows["second"] = np.where(rows["shape"] == TRIANGULAR, peak, rows["second"])
            sources[size.rows] = rows
    return sources


def _draw_modes(model: CoachModel, draw: Draw) -> Numbers:
    """Most likely durations of the steps of procedures, each drawn within its range [s]."""
    plan, steps = model.plan, model.plan.procedure_steps
    low, mode, high = (np.ascontiguousarray(steps[name]) for name in ("low_s", "mode_s", "high_s"))
    if draw.number == BEST_NUMBER or not plan.samples_steps:
        return mode
    chance = stream(model.options.seed, "coaches/steps", draw.number).random(len(mode))
    for number, name in enumerate(name_steps(model) if draw.scores else ()):
        share = draw.share_of(name)
        chance[number] = chance[number] if share is None else share
    width = np.maximum(high - low, 1e-9)
    rising = low + np.sqrt(chance * width * np.maximum(mode - low, 0))
    falling = high - np.sqrt((1 - chance) * width * np.maximum(high - mode, 0))
    drawn = np.where(chance * width < mode - low, rising, falling)
    return np.where(high > low, np.clip(drawn, low, high), mode)


def _sum_hazards(model: CoachModel, rates: NDArray[np.float64]) -> Numbers:
    """Summed hazard of the sources of each step, month by month, ``(n, 12)``; 0 out of the span.

    Raises
    ------
    LimitError
        Where a train would be delayed without end on a step.
    """
    found = np.zeros((len(model.plan.hazard_source), MONTHS_PER_YEAR))
    sum_hazards(model.plan, model.hazard_base, rates, np.unique(model.plan.months), found)
    most = float(found.max(initial=0.0))
    # Written so that what is no number is refused as well.
    if not most <= MOST_STRIKES:
        message = (
            f"On one step between two stops a train would be delayed about {most:.3g} times; at "
            f"most {MOST_STRIKES:,} times are followed. Lower `rate` in disturbances.csv, or the "
            "number and the failures of assets."
        )
        raise LimitError(message)
    return found


def _draw_place(seed: int, name: str, draw: Draw) -> float:
    if (share := draw.share_of(name)) is not None:
        return place_triangular(share)
    if draw.number == BEST_NUMBER:
        return 0.0
    return float(stream(seed, f"coaches/{name}", draw.number).triangular(-1.0, 0.0, 1.0))
