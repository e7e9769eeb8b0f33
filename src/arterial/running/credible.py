"""Whether a train is credible: effort against power and weight, resistance per tonne.

Absolute and per-tonne coefficients, kN and N, km/h and m/s, t and kg are easily mistaken;
`find_incredible` refuses what cannot be and names the slip of units that it suggests.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Final

from arterial.errors import Fault
from arterial.units import GRAVITY_M_S2, TONNE_TO_KG, kmh_to_ms, ms_to_kmh

if TYPE_CHECKING:
    from arterial.running.train import Train

__all__ = ["find_doubtful", "find_incredible"]

CHECKED_SPEEDS_KMH: Final = (80.0, 100.0)
RESISTANCE_N_PER_T: Final = (10.0, 80.0)
"""Credible train resistance at 80 and 100 km/h [N/t]."""
POWER_SLACK: Final = 1e-6
LEAST_POWER_SHARE: Final = 1 / 3
"""Power that the efforts reach over the rated power below which one of the two is doubted."""

LEAST_START_N_PER_T: Final = 30.0
"""Effort at rest below which a train hardly moves on the level: 3 per mille [N/t]."""


def find_incredible(train: "Train") -> list[Fault]:
    """Faults of a train whose single values are all in range, but do not fit each other.

    Parameters
    ----------
    train : Train
        The train.

    Returns
    -------
    list of Fault
        An effort above the weight or the rated power, a resistance outside the credible range.
    """
    return [
        *_find_weight_faults(train),
        *_find_power_faults(train),
        *_find_resistance_faults(train),
    ]


def find_doubtful(train: "Train") -> list[str]:
    """Give warnings of a train that can run, but hardly as it is meant.

    Parameters
    ----------
    train : Train
        The train.

    Returns
    -------
    list of str
        An effort far below the rated power, or below what a train needs to start on the level.
    """
    found = []
    power = max(train.effort_at(speed) * speed for speed in _list_power_peaks(train))
    if isfinite(train.rated_power_w) and power < LEAST_POWER_SHARE * train.rated_power_w:
        found.append(
            f"The efforts reach {power / 1000:.0f} kW, of {train.rated_power_w / 1000:.0f} kW "
            "rated: check N against kN, or the rating."
        )
    start, tonnes = train.effort_at(0.0), train.mass_kg / TONNE_TO_KG
    if start < LEAST_START_N_PER_T * tonnes:
        found.append(
            f"The effort at rest is {start / 1000:.4g} kN for {tonnes:.0f} t, {start / tonnes:.3g} "
            "N/t: the train hardly starts. Check N against kN, or the mass."
        )
    return found


def _find_weight_faults(train: "Train") -> Iterator[Fault]:
    """An effort above the weight of the whole train, which no rail can take."""
    highest = max(train.effort_at(speed) for speed in (0.0, *train.effort_speed_ms))
    weight = train.mass_kg * train.gravity_m_s2
    if highest > weight:
        cause = (
            f"The effort of {highest / 1000:.0f} kN is above the weight of the train, "
            f"{weight / 1000:.0f} kN."
        )
        cure = "The efforts look like N given as kN, or the mass like t given as kg."
        yield Fault(cause, cure, column="effort")


def _find_power_faults(train: "Train") -> Iterator[Fault]:
    """Efforts whose power exceeds the rated power, wherever effort x speed can be highest."""
    for speed in sorted(_list_power_peaks(train)):
        power = train.effort_at(speed) * speed
        if speed <= train.top_speed_ms and power > train.rated_power_w * (1.0 + POWER_SLACK):
            cause = (
                f"Effort x speed at {speed:.2f} m/s is {power / 1000:.0f} kW, above the rated "
                f"power of {train.rated_power_w / 1000:.0f} kW."
            )
            cure = "Check N against kN, km/h against m/s, or the rating."
            yield Fault(cause, cure, column="effort")


def _list_power_peaks(train: "Train") -> set[float]:
    """Speeds at which effort x speed of table and highest effort may peak [m/s]."""
    speeds = {*train.effort_speed_ms, train.top_speed_ms}
    points = zip(train.effort_speed_ms, train.effort_n, strict=True)
    for (v0, f0), (v1, f1) in pairwise(points):
        fall = (f0 - f1) / (v1 - v0)
        if fall > 0.0:
            at_rest = f0 + fall * v0
            # (a - b v) v peaks at a / 2b; below, where the line leaves the highest effort.
            found = (0.5 * at_rest / fall, (at_rest - train.effort_max_n) / fall)
            speeds.update(v for v in found if v0 < v < v1)
    return speeds


def _find_resistance_faults(train: "Train") -> list[Fault]:
    """A resistance at 80 or 100 km/h outside 10 to 80 N/t, with the slip of units it suggests."""
    if not train.check_resistance:
        return []
    low, high = RESISTANCE_N_PER_T
    for speed_kmh in CHECKED_SPEEDS_KMH:
        per_tonne = _per_tonne(train, speed_kmh)
        if low <= per_tonne <= high:
            continue
        cause = (
            f"Resistance at {speed_kmh:g} km/h is {per_tonne:.4g} N/t, "
            f"outside {low:g} to {high:g} N/t."
        )
        return [Fault(cause, _guess_unit_slip(train, speed_kmh), column="resistance")]
    return []


def _per_tonne(train: "Train", speed_kmh: float, *, to_ms: float = 1.0) -> float:
    """Resistance per tonne at a speed [N/t], with coefficients changed by a factor of speed."""
    effect_ms = kmh_to_ms(speed_kmh) * to_ms
    return train.resistance_at(effect_ms) / (train.mass_kg / TONNE_TO_KG)


def _guess_unit_slip(train: "Train", speed_kmh: float) -> str:
    """Name the slips of units that would bring a resistance per tonne into the credible range."""
    low, high = RESISTANCE_N_PER_T
    per_tonne, tonnes = _per_tonne(train, speed_kmh), train.mass_kg / TONNE_TO_KG
    for_kmh = _per_tonne(train, speed_kmh, to_ms=ms_to_kmh(1.0))
    for_ms = _per_tonne(train, speed_kmh, to_ms=kmh_to_ms(1.0))
    slips = (
        (1000.0 * per_tonne, "The coefficients look like kN; give them in N."),
        (1000.0 * per_tonne, "The mass looks like kg given as t."),
        (0.001 * per_tonne, "The coefficients look like mN or per-mille of N; give them in N."),
        (0.001 * per_tonne, "The mass looks like t given as kg."),
        (
            tonnes * per_tonne,
            "The coefficients look like values per tonne; give those of the whole train.",
        ),
        (per_tonne / tonnes, "The coefficients look multiplied by the mass twice; give them in N."),
        (GRAVITY_M_S2 * tonnes * per_tonne, "The coefficients look like N/kN; give them in N."),
        (GRAVITY_M_S2 * per_tonne, "The coefficients look like kgf; give them in N."),
        (for_kmh, "The coefficients look as if they were for km/h; give them for m/s."),
        (for_ms, "The coefficients look multiplied for km/h once too often; give them for m/s."),
    )
    likely = [text for corrected, text in slips if low <= corrected <= high]
    if not likely:
        return "Check absolute against per-tonne coefficients, kN against N, km/h against m/s."
    return " Or: ".join(likely)
