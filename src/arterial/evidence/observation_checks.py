"""Each sighting held against what the model predicts of it, from nothing and from the others.

Main function: :func:`check_observations`.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import logsumexp

from arterial.operations.coaches.sightings import SightingModel, ride_pictures, weigh_ride
from arterial.randomness import stream
from arterial.study import conform_table, empty_table
from arterial.study.schema import load_schema
from arterial.study.settings import EvidenceSettings
from arterial.units import MINUTE_S

__all__ = ["check_observations"]

Numbers = NDArray[np.float64]
CHECK_PICTURES: Final = 300
"""Pictures before learning that observations are held against [1]."""
ENDS: Final = (0.05, 0.5, 0.95)


def check_observations(
    seen: SightingModel, names: Sequence[str], settings: EvidenceSettings, seed: int, option: str
) -> pl.DataFrame:
    """Each sighting held against what the model predicts of it from the others.

    Parameters
    ----------
    seen : SightingModel
        What was seen, and the trips.
    names : sequence of str
        Observations, in the order of the sightings.
    settings : EvidenceSettings
        Journeys of a picture.
    seed : int
        Seed of the study.
    option : str
        Name of the option.

    Returns
    -------
    DataFrame
        Rows of ``observation_checks``.
    """
    rng = stream(seed, f"evidence/checks/{option}")
    scores = rng.standard_normal((CHECK_PICTURES, len(seen.names)))
    keys = rng.integers(0, 2**63 - 1, CHECK_PICTURES)
    rides = [r for r in ride_pictures(seen, scores, keys, journeys=settings.journeys) if r.is_kept]
    if not rides:
        return empty_table("observation_checks")
    weights = np.concatenate([weigh_ride(seen, ride) for ride in rides])
    late_s = np.concatenate([ride.late_s for ride in rides])
    planned_s = np.concatenate([np.tile(r.planned_s, (len(r.late_s), 1)) for r in rides])
    rows = [
        _check_one(seen, place, names[place], weights, late_s, planned_s, rng) | {"option": option}
        for place in range(len(seen.sightings))
    ]
    return conform_table("observation_checks", pl.DataFrame(rows, infer_schema_length=None))


def _check_one(
    seen: SightingModel,
    place: int,
    name: str,
    weights: Numbers,
    late_s: Numbers,
    planned_s: Numbers,
    rng: np.random.Generator,
) -> dict[str, object]:
    """One sighting: predicted from nothing and from the others."""
    one = seen.sightings[place]
    others = np.delete(weights, place, axis=1).sum(axis=1)
    reached = ~np.isnan(late_s[:, place])
    late = np.where(reached, late_s[:, place], 0.0)
    row = dict.fromkeys(load_schema("observation_checks").columns) | {
        "observation_id": name,
        "kind": "seen",
        "use": "learned",
    }
    if not reached.any() or not np.isfinite(logsumexp(others)):
        return row | {"p_value": 0.0, "words": "never in a journey that gives the others"}
    given_others = logsumexp(others + weights[:, place]) - logsumexp(others)
    alone = logsumexp(weights[:, place]) - math.log(len(late))
    row["factor"] = float(np.exp(given_others - alone)) if math.isfinite(alone) else None
    low, median, high = np.quantile(late[reached], ENDS) / MINUTE_S
    row |= {"predicted_low_min": low, "predicted_median_min": median, "predicted_high_min": high}
    if one.late_s is None and one.at_s is None:
        at_s = planned_s[:, place] + late
        on_day = reached & (at_s >= one.day_from_s) & (at_s < one.day_until_s)
        share = float(np.exp(logsumexp(others, b=on_day) - logsumexp(others)))
        return row | {"p_value": share, "words": f"on that day in {share:.0%} of the journeys"}
    if one.late_s is not None:
        target = np.full(len(late), one.late_s)
    else:
        target = (one.at_s or 0.0) - planned_s[:, place]
    noise = rng.normal(0.0, one.error_s, len(late))
    missed = rng.random(len(late)) < one.miss_share
    noise += np.where(missed, rng.exponential(one.miss_s, len(late)), 0.0)
    share = np.exp(others - logsumexp(others))
    above = float(share[reached & (late + noise >= target)].sum())
    p_value = min(1.0, 2.0 * min(above, 1.0 - above))
    seen_min = float(np.median(target)) / MINUTE_S
    words = f"seen {seen_min:+.0f} min; as far out in {p_value:.0%} of the journeys"
    return row | {"observed_late_min": seen_min, "p_value": p_value, "words": words}
