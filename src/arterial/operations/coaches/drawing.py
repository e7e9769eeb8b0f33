"""One draw of what is not known about through coaches, as arrays.

Main function: :func:`draw_world`. Draw -1 has the best values. Each uncertain input has its own
stream of chance, so that nothing shifts when another is added.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.operations.coaches.arrays import LOGNORMAL, TRIANGULAR, SourceArrays, World
from arterial.operations.coaches.model import CoachModel, HostBlock, RateRange
from arterial.operations.coaches.timetable_draws import draw_times
from arterial.randomness import stream

__all__ = ["BEST_DRAW", "DrawnWorld", "draw_world"]

BEST_DRAW: Final = -1


class DrawnWorld(NamedTuple):
    """One draw, and how its timetable was found.

    Parameters
    ----------
    world : World
        Arrays for the simulation.
    attempts : int
        Timetables that were drawn.
    missed_s : int
        By how much what was announced cannot be kept in it [s].
    """

    world: World
    attempts: int
    missed_s: int


def draw_world(model: CoachModel, draw: int) -> DrawnWorld:
    """Arrays of one draw of the uncertain inputs.

    The unknown times of a host move together: one number z between -1 and 1, symmetric triangular,
    puts each of its times z of the way from the best to the latest, or -z of the way to the
    earliest. Running times that nothing is known of move with them. Rates and turn-rounds move in
    the same way between their ends. The most likely duration of a step of a procedure is drawn
    within its range; each journey then has its own around it. Where announcements are trusted,
    timetables that cannot be kept as announced are drawn again.

    Parameters
    ----------
    model : CoachModel
        The model.
    draw : int
        Number of the draw; -1 for the best values.

    Returns
    -------
    DrawnWorld
        Arrays for the simulation. Takes some milliseconds, more where many timetables are drawn.
    """
    world, seed = model.world, model.options.seed
    mode_s = _draw_modes(world, seed, draw)
    wait_s = _draw_waits(model, draw)
    times = draw_times(model, draw, mode_s, wait_s)
    at_s = times.at_s
    recovery_s = np.zeros_like(world.hosts.recovery_s)
    for host in model.hosts:
        steps = slice(host.first_step, host.first_step + len(host.step_link))
        run = at_s[host.begin : host.begin + host.events_count]
        recovery_s[steps] = _share_recovery(host, run)
    rates = np.ones(len(world.sources.factor))
    turn_s = world.trips.turn_s.astype(np.float64)
    if model.options.draws_inputs:
        for rate in model.rates:
            rates[rate.rows] = _draw_factor(rate, seed, draw)
        for turn in model.turns:
            turn_s[turn.rows] *= _draw_factor(turn, seed, draw)
    procedures = world.procedures
    drawn = world._replace(
        hosts=world.hosts._replace(recovery_s=recovery_s, list_hazard=_sum_hazards(model, rates)),
        sources=_draw_sizes(model, draw)._replace(day_rate=world.sources.day_rate * rates),
        trips=world.trips._replace(turn_s=np.rint(turn_s).astype(np.int64)),
        procedures=procedures._replace(
            mode_s=mode_s,
            mishap_rate=procedures.mishap_rate * rates[procedures.mishap_source],
        ),
        legs=world.legs._replace(plan_ready_s=world.legs.plan_ready_s.copy(), wait_s=wait_s),
        at_s=at_s,
    )
    return DrawnWorld(drawn, times.attempts, times.missed_s)


def _share_recovery(host: HostBlock, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each step can make up: the supplement in the planned time of its link [s]."""
    links = np.maximum(host.step_link, 0)
    planned = np.clip(times[2 * links + 2] - times[2 * links + 1], 0, None)
    made_up = np.where(host.step_link >= 0, np.floor(planned * host.step_share), 0)
    return np.asarray(made_up, np.int64)


def _draw_factor(rate: RateRange, seed: int, draw: int) -> NDArray[np.float64]:
    """Factors between the ends of a range that share one draw; 1 at the best value."""
    z = _draw_place(seed, rate.name, draw)
    return 1.0 + z * (rate.high - 1.0 if z >= 0 else 1.0 - rate.low)


def _draw_waits(model: CoachModel, draw: int) -> NDArray[np.int64]:
    """How long the host of each leg waits [s]."""
    wait_s = model.world.legs.wait_s.astype(np.float64)
    if model.options.draws_inputs:
        for wait in model.waits:
            wait_s[wait.rows] += _draw_factor(wait, model.options.seed, draw) - 1.0
    return np.clip(np.rint(wait_s), 0, None).astype(np.int64)


def _draw_sizes(model: CoachModel, draw: int) -> SourceArrays:
    """Sources of delay, the most likely delay of each disturbance drawn within its range.

    That is the median of a lognormal one, whose spread stays, and the peak of a triangular one,
    whose ends stay.
    """
    sources = model.world.sources
    first, second = sources.first.copy(), sources.second.copy()
    if model.options.draws_inputs:
        for size in model.delays:
            factor = _draw_factor(size, model.options.seed, draw)
            rows = size.rows
            is_lognormal = sources.shape[rows] == LOGNORMAL
            first[rows] = np.where(is_lognormal, first[rows] * factor, first[rows])
            peak = np.clip(second[rows] * factor, first[rows], sources.third[rows])
            second[rows] = np.where(sources.shape[rows] == TRIANGULAR, peak, second[rows])
    return sources._replace(first=first, second=second)


def _draw_modes(world: World, seed: int, draw: int) -> NDArray[np.float64]:
    """Most likely durations of the steps of procedures, each drawn within its range [s]."""
    procedures = world.procedures
    if draw == BEST_DRAW or not world.samples_steps:
        return procedures.mode_s
    chance = stream(seed, "coaches/steps", draw).random(len(procedures.mode_s))
    low, mode, high = procedures.low_s, procedures.mode_s, procedures.high_s
    width = np.maximum(high - low, 1e-9)
    rising = low + np.sqrt(chance * width * np.maximum(mode - low, 0))
    falling = high - np.sqrt((1 - chance) * width * np.maximum(high - mode, 0))
    drawn = np.where(chance * width < mode - low, rising, falling)
    return np.where(high > low, np.clip(drawn, low, high), mode)


def _sum_hazards(model: CoachModel, rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Summed hazard of the sources of each step, month by month, ``(n, 12)``."""
    hosts, sources = model.world.hosts, model.world.sources
    weights = (model.list_base * rates[hosts.list_source])[:, None] * sources.season[
        hosts.list_source
    ]
    summed = np.cumsum(weights, axis=0)
    begins = hosts.list_begin[:-1]
    before = np.zeros((len(begins), weights.shape[1]))
    inside = (begins > 0) & (begins < len(summed))
    before[inside] = summed[begins[inside] - 1]
    counts = np.diff(hosts.list_begin)
    return np.ascontiguousarray(summed - np.repeat(before, counts, axis=0))


def _draw_place(seed: int, name: str, draw: int) -> float:
    if draw == BEST_DRAW:
        return 0.0
    return float(stream(seed, f"coaches/{name}", draw).triangular(-1.0, 0.0, 1.0))
