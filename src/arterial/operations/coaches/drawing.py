"""One draw of what is not known about through coaches, as arrays.

Main function: :func:`draw_world`. Draw -1 has the best values. Each uncertain input has its own
stream of chance, so that nothing shifts when another is added.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.operations.coaches.arrays import World
from arterial.operations.coaches.model import CoachModel, HostBlock, RateRange
from arterial.randomness import stream

__all__ = ["BEST_DRAW", "draw_world"]

BEST_DRAW: Final = -1


def draw_world(model: CoachModel, draw: int) -> World:
    """Arrays of one draw of the uncertain inputs.

    The unknown times of a host move together: one number z between -1 and 1, symmetric triangular,
    puts each of its times z of the way from the best to the latest, or -z of the way to the
    earliest. Running times that nothing is known of move with them. Rates and turn-rounds move in
    the same way between their ends. The most likely duration of a step of a procedure is drawn
    within its range; each journey then has its own around it.

    Parameters
    ----------
    model : CoachModel
        The model.
    draw : int
        Number of the draw; -1 for the best values.

    Returns
    -------
    World
        Arrays for the simulation. Takes some milliseconds.
    """
    world, seed = model.world, model.options.seed
    at_s = np.empty_like(world.at_s)
    recovery_s = np.zeros_like(world.hosts.recovery_s)
    for host in model.hosts:
        rows = slice(host.begin, host.end)
        z = _draw_place(seed, f"times/{host.train_id}", draw)
        at_s[rows] = move_times(world.at_s[rows], model.low_s[rows], model.high_s[rows], z)
        shape = (-1, host.events_count)
        # Drawn times of one run never run backwards, whatever their ranges.
        at_s[rows] = np.maximum.accumulate(at_s[rows].reshape(shape), axis=1).reshape(-1)
        steps = slice(host.first_step, host.first_step + len(host.step_link))
        recovery_s[steps] = share_recovery(host, at_s[rows][: host.events_count])
    rates = np.ones(len(world.sources.factor))
    turn_s = world.trips.turn_s.astype(np.float64)
    if model.options.draws_inputs:
        for rate in model.rates:
            rates[rate.rows] = draw_factor(rate, seed, draw)
        for turn in model.turns:
            turn_s[turn.rows] *= draw_factor(turn, seed, draw)
    sources = world.sources._replace(day_rate=world.sources.day_rate * rates)
    procedures = world.procedures
    return world._replace(
        hosts=world.hosts._replace(recovery_s=recovery_s, list_hazard=sum_hazards(model, rates)),
        sources=sources,
        trips=world.trips._replace(turn_s=np.rint(turn_s).astype(np.int64)),
        procedures=procedures._replace(
            mode_s=draw_modes(world, seed, draw),
            mishap_rate=procedures.mishap_rate * rates[procedures.mishap_source],
        ),
        legs=world.legs._replace(plan_ready_s=world.legs.plan_ready_s.copy()),
        at_s=at_s,
    )


def move_times(
    best: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64], z: float
) -> NDArray[np.int64]:
    """Times z of the way from the best to the latest, or -z of the way to the earliest [s].

    Examples
    --------
    >>> one = np.array([100])
    >>> int(move_times(one, one - 60, one + 600, 0.5)[0])
    400
    """
    reach = high - best if z >= 0 else best - low
    return np.asarray(best + np.rint(z * reach).astype(np.int64), np.int64)


def share_recovery(host: HostBlock, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """What each step can make up: the supplement in the planned time of its link [s]."""
    links = np.maximum(host.step_link, 0)
    planned = np.clip(times[2 * links + 2] - times[2 * links + 1], 0, None)
    made_up = np.where(host.step_link >= 0, np.floor(planned * host.step_share), 0)
    return np.asarray(made_up, np.int64)


def draw_factor(rate: RateRange, seed: int, draw: int) -> NDArray[np.float64]:
    """Factors between the ends of a range that share one draw; 1 at the best value."""
    z = _draw_place(seed, rate.name, draw)
    return 1.0 + z * (rate.high - 1.0 if z >= 0 else 1.0 - rate.low)


def draw_modes(world: World, seed: int, draw: int) -> NDArray[np.float64]:
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


def sum_hazards(model: CoachModel, rates: NDArray[np.float64]) -> NDArray[np.float64]:
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
