"""How likely simulated journeys give what was seen of real ones, picture by picture.

Main function: :func:`weigh_sightings`. Sightings of one journey are nearly one fact, so they are
weighed together within each replication, and then averaged over replications.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from scipy.special import erfcx, logsumexp

from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.outcome import UNREACHED_S, make_groups, make_outcome
from arterial.operations.coaches.simulate import draw_plan
from arterial.operations.coaches.state import VARIANT, Integers, Numbers, make_state
from arterial.operations.coaches.trips_kernel import simulate_replications
from arterial.study.unknowns import Draw

__all__ = [
    "Ride",
    "Sighting",
    "SightingModel",
    "prepare_sightings",
    "ride_pictures",
    "weigh_ride",
    "weigh_sightings",
]

NO_GROUP: Final = -1
TRACE_PER_TRIP: Final = 1 << 12
SQRT_TWO_PI: Final = float(np.sqrt(2.0 * np.pi))
FAR: Final = -25.0
"""Below this the scaled complementary error function is beyond floating point numbers [1]."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a trip at a stop.

    Parameters
    ----------
    trip_id, point_id, event : str
        The trip, the stop and ``arrival`` or ``departure``.
    day_from_s, day_until_s : float
        Local day on which it was seen, from midnight to before midnight [s since the epoch].
    at_s : float or None
        When it was seen [s since the epoch]; None = the day alone is known.
    late_s : float or None
        Lateness that was reported, against the timetable [s]; None = none was.
    error_s : float
        Standard deviation of time or lateness [s].
    miss_share, miss_s : float
        Share of journeys that something delays which the model leaves out, and its mean [s].
    """

    trip_id: str
    point_id: str
    event: str
    day_from_s: float
    day_until_s: float
    at_s: float | None
    late_s: float | None
    error_s: float
    miss_share: float = 0.0
    miss_s: float = 1.0


class Ride(NamedTuple):
    """Journeys of one picture.

    Parameters
    ----------
    late_s : ndarray of float
        Lateness at each sighting, ``(journeys, m)``; not a number where it was not reached [s].
    planned_s : ndarray of int
        When the timetable of the picture has it there, ``(m,)`` [s since the epoch].
    is_kept : bool
        Whether its timetable can be kept as announced.
    """

    late_s: Numbers
    planned_s: Integers
    is_kept: bool


class SightingModel(NamedTuple):
    """Trips of which something was seen, ready to be ridden.

    Parameters
    ----------
    model : CoachModel
        Those trips alone; nothing is attributed.
    sightings : tuple of Sighting
        What was seen.
    events : ndarray of int
        Event of each sighting, ``(m,)``.
    planned : ndarray of int
        Where its time stands in the timetable of a draw, ``(m,)``.
    names : tuple of str
        Unknowns in the order of the columns of scores.
    """

    model: CoachModel
    sightings: tuple[Sighting, ...]
    events: Integers
    planned: Integers
    names: tuple[str, ...]


def prepare_sightings(
    model: CoachModel, sightings: Sequence[Sighting], names: Sequence[str]
) -> SightingModel:
    """Find the events that were seen.

    Parameters
    ----------
    model : CoachModel
        Model of the trips that were seen, and of no others.
    sightings : sequence of Sighting
        What was seen; of trips of the model.
    names : sequence of str
        Names of the unknowns that scores are given of.

    Returns
    -------
    SightingModel
        Ready for :func:`weigh_sightings`.

    Raises
    ------
    KeyError
        With trip, point and event that the model does not have.
    """
    plan = model.plan
    planned = np.zeros(plan.events_count, np.int64)
    for leg in plan.legs:
        count = 2 * (leg["to_stop"] - leg["from_stop"])
        first = plan.runs[leg["announced_run"]]["event"] + 2 * leg["from_stop"] + 1
        planned[leg["event"] : leg["event"] + count] = np.arange(first, first + count)
    trips = model.trips["trip_id"].to_list()
    places: dict[tuple[str, str, str], int] = {}
    for number, row in enumerate(model.events.iter_rows(named=True), model.run_in.events):
        places.setdefault((trips[row["trip"]], row["point_id"], row["event"]), number)
    events = np.array([places[one.trip_id, one.point_id, one.event] for one in sightings])
    # Without groups, spare sets and buffers a replication does nothing but ride.
    legs_alone = plan.trips.copy()
    legs_alone["group"] = NO_GROUP
    bare = plan._replace(trips=legs_alone, set_begin=plan.set_begin[:2])
    bare_model = replace(model, plan=bare)
    return SightingModel(bare_model, tuple(sightings), events, planned[events], tuple(names))


def weigh_sightings(
    seen: SightingModel, scores: Numbers, keys: Integers, *, journeys: int
) -> Numbers:
    """Logarithm of the likelihood of all that was seen, for each picture of what is not known.

    Parameters
    ----------
    seen : SightingModel
        What was seen, and the trips.
    scores : ndarray of float
        Normal scores of the unknowns, ``(n, d)``.
    keys : ndarray of int
        Key of the chance of each picture, ``(n,)``.
    journeys : int
        Journeys ridden in each.

    Returns
    -------
    ndarray of float
        ``(n,)``; minus infinite where no journey gives what was seen, or a timetable cannot be kept
        as announced: that the operator announced it is a sighting too.
    """
    found = np.full(len(scores), -np.inf)
    for number, ride in enumerate(ride_pictures(seen, scores, keys, journeys=journeys)):
        if ride.is_kept:
            of_each = weigh_ride(seen, ride)
            found[number] = logsumexp(of_each.sum(axis=1)) - np.log(journeys)
    return found


def ride_pictures(
    seen: SightingModel, scores: Numbers, keys: Integers, *, journeys: int
) -> Iterator[Ride]:
    """Ride the trips that were seen in each picture; arguments as of :func:`weigh_sightings`."""
    model = seen.model
    variants = np.zeros(0, VARIANT)
    state = make_state(model.plan, TRACE_PER_TRIP * len(model.plan.trips))
    for row, key in zip(scores, keys, strict=True):
        drawn = draw_plan(model, Draw(0, dict(zip(seen.names, row.tolist(), strict=True))))
        outcome, groups = make_outcome(drawn.plan, journeys, 0, 0), make_groups(drawn.plan)
        simulate_replications(drawn.plan, state, variants, np.uint64(key), 0, outcome, groups)
        late_s = outcome.events_s[:, seen.events].astype(np.float64)
        late_s[late_s == UNREACHED_S] = np.nan
        yield Ride(late_s, drawn.plan.times_s[seen.planned], drawn.missed_s == 0)


def weigh_ride(seen: SightingModel, ride: Ride) -> Numbers:
    """Logarithm of the density of each sighting in each journey, ``(journeys, m)``."""
    columns = [
        weigh(one, ride.late_s[:, place], ride.planned_s[place])
        for place, one in enumerate(seen.sightings)
    ]
    return np.stack(columns, axis=1)


def weigh(one: Sighting, late_s: Numbers, planned_s: int) -> Numbers:
    """Logarithm of the density of a sighting for each journey [1/s; 1 for a day alone].

    What the model leaves out adds an exponential delay in a share of the journeys.
    """
    reached = ~np.isnan(late_s)
    late_s = np.where(reached, late_s, 0.0)
    at_s = planned_s + late_s
    if one.late_s is None and one.at_s is not None:
        return np.where(reached, _weigh_miss(one, one.at_s - at_s), -np.inf)
    found = np.zeros(len(late_s))
    if one.late_s is not None:
        found = _weigh_miss(one, one.late_s - late_s)
    on_day = reached & (at_s >= one.day_from_s) & (at_s < one.day_until_s)
    return np.where(on_day, found, -np.inf)


def _weigh_miss(one: Sighting, miss_s: Numbers) -> Numbers:
    """Logarithm of the density of what the model misses a sighting by [1/s]."""
    plain = -0.5 * (miss_s / one.error_s) ** 2 - np.log(one.error_s * SQRT_TWO_PI)
    if one.miss_share <= 0:
        return np.asarray(plain)
    # Exponentially modified Gaussian; where `erfcx` overflows its limit stands.
    z = (one.error_s / one.miss_s - miss_s / one.error_s) / np.sqrt(2.0)
    log_erfcx = np.where(z > FAR, np.log(erfcx(np.maximum(z, FAR))), np.log(2.0) + z**2)
    tail = plain + np.log(one.error_s / one.miss_s * SQRT_TWO_PI / 2.0) + log_erfcx
    log_whole = np.log1p(-one.miss_share) if one.miss_share < 1.0 else -np.inf
    found: Numbers = np.logaddexp(log_whole + plain, np.log(one.miss_share) + tail)
    return found
