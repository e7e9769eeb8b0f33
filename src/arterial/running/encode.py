"""Path and train as arrays for the kernels: units to SI, caps on the effort to one lower envelope.

`encode_train`, `encode_effort` and `encode_path` each turn customary values into the arrays
whose columns `arterial.running.motion_kernel` names. This module imports numba through them, so
it is itself imported only when something is calculated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import copysign, inf, isfinite, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.running import ceiling_kernel as ceiling
from arterial.running import motion_kernel as motion
from arterial.running.path import PathProfile
from arterial.running.resistance import curve_resistance
from arterial.running.train import BrakeRule, LimitRule, MassModel, Train
from arterial.units import KMH_TO_MS, ms_to_kmh

__all__ = ["EncodedPath", "encode_effort", "encode_path", "encode_train"]

Vector = NDArray[np.float64]
REAL_ROOT: Final = 1e-9
SAME_PLACE_M: Final = 1e-6
"""Positions closer than this are one cut [m]."""


@dataclass(frozen=True, slots=True)
class EncodedPath:
    """The pieces between cuts, and where the asked positions lie among the cuts.

    Parameters
    ----------
    cuts : ndarray of float64, shape (n_cuts,)
        Head positions at which something changes [m].
    pieces : ndarray of float64, shape (n_cuts - 1, PIECE_COLUMNS)
        The path as the train feels it.
    """

    cuts: Vector
    pieces: Vector


def encode_train(train: Train, *, tolerance: float) -> Vector:
    """Inertia, weight and resistance of the train, and the tolerance of a step.

    Parameters
    ----------
    train : Train
        The train.
    tolerance : float
        Largest error of one step in speed [m/s], and in position over ten [m].

    Returns
    -------
    ndarray of float64, shape (TRAIN_COLUMNS,)
        Columns as named in `arterial.running.motion_kernel`.
    """
    row = np.zeros(motion.TRAIN_COLUMNS)
    row[motion.INERTIA] = train.inertia_kg
    row[motion.WEIGHT] = train.mass_kg * train.gravity_m_s2
    row[motion.RESISTANCE_A] = train.resistance_a_n
    row[motion.RESISTANCE_B] = train.resistance_b_n_per_ms
    row[motion.RESISTANCE_C] = train.resistance_c_n_per_ms2
    row[motion.TOLERANCE] = tolerance
    return row


def encode_effort(train: Train) -> Vector:
    """Highest effort as laws by speed, lowest of table, caps and adhesion; last row the brake.

    Parameters
    ----------
    train : Train
        The train.

    Returns
    -------
    ndarray of float64, shape (n_laws + 1, FORCE_COLUMNS)
        Each law is exact between its lowest and highest speed.

    Examples
    --------
    >>> from arterial.running.train import BrakeRule, Train
    >>> train = Train(
    ...     mass_kg=400_000.0, length_m=200.0, resistance_a_n=6000.0,
    ...     resistance_b_n_per_ms=100.0, resistance_c_n_per_ms2=8.0, effort_max_n=250_000.0,
    ...     power_w=3.0e6, top_speed_ms=40.0, brake_rule=BrakeRule.CONSTANT, brake_value=0.5)
    >>> [float(v) for v in encode_effort(train)[:, 6]]
    [12.0, inf, inf]
    """
    knots = [0.0, *(v for v in train.effort_speed_ms if v > 0.0), inf]
    laws: list[list[float]] = []
    for low, high in pairwise(knots):
        candidates = _effort_candidates(train, low, high)
        edges = sorted({low, high, *_find_crossings(candidates, low, high)})
        for start, end in pairwise(edges):
            middle = 0.5 * (start + end) if isfinite(end) else start + 1.0
            best = min(candidates, key=lambda law: evaluate_law(law, middle))
            if laws and laws[-1][:4] == best:
                laws[-1][motion.V_HIGH] = end
            else:
                laws.append([*best, 0.0, start, end])
    laws.append(_encode_brake(train))
    return np.array(laws)


def _encode_brake(train: Train) -> list[float]:
    """Force law of the brake; a constant deceleration is a net force."""
    is_net = train.brake_rule is BrakeRule.CONSTANT
    scale = 1.0 if train.brake_rule is BrakeRule.FORCE else train.inertia_kg
    return [-train.brake_value * scale, 0.0, 0.0, 0.0, float(is_net), 0.0, inf]


def _effort_candidates(train: Train, low: float, high: float) -> list[list[float]]:
    """Every law that may limit the effort between two neighbouring knots of the table."""
    candidates = []
    if train.effort_n:
        at_low = train.table_effort_at(low)
        rise = 0.0
        if isfinite(high) and high > train.effort_speed_ms[0]:
            rise = (train.table_effort_at(high) - at_low) / (high - low)
            # Points so close that the rise overflows are one point.
            rise = rise if isfinite(rise) else 0.0
        candidates.append([at_low - rise * low, rise, 0.0, 0.0])
    if isfinite(train.effort_max_n):
        candidates.append([train.effort_max_n, 0.0, 0.0, 0.0])
    if isfinite(train.power_w):
        candidates.append([0.0, 0.0, train.power_w, 0.0])
    if train.adhesion is not None:
        law = train.adhesion
        weight = train.adhesive_mass_kg * train.gravity_m_s2 * train.adhesion_factor
        slope = ms_to_kmh(law.slope)
        hyperbola = weight * law.numerator / slope
        linear = weight * ms_to_kmh(law.linear)
        candidates.append([weight * law.constant, linear, hyperbola, law.offset / slope])
    return candidates


def evaluate_law(law: Sequence[float], speed: float) -> float:
    """Force of a law [N]; the hyperbola of a power cap is infinite at standstill."""
    force = law[0] + law[1] * speed
    if law[2] != 0.0:
        force += law[2] / (law[3] + speed) if law[3] + speed > 0.0 else inf
    return force


def _find_crossings(candidates: Sequence[Sequence[float]], low: float, high: float) -> list[float]:
    """Speeds inside an interval at which two laws give the same force [m/s].

    Roots of the difference of the two laws, multiplied by their denominators.
    """
    roots: list[float] = []
    for one, two in combinations(candidates, 2):
        if one[2] != 0.0 and two[2] != 0.0:
            roots.extend(_cross_hyperbolas(one, two))
            continue
        # (a + b v)(v + s) + h = 0 with the one hyperbola h / (v + s), if there is one.
        bent, straight = (one, two) if one[2] != 0.0 else (two, one)
        constant, linear = bent[0] - straight[0], bent[1] - straight[1]
        shift, hyperbola = bent[3], bent[2]
        if hyperbola == 0.0:
            shift = 0.0
        roots.extend(
            _solve_quadratic(linear, constant + linear * shift, constant * shift + hyperbola)
        )
    return [root for root in roots if low < root < high]


def _solve_quadratic(square: float, linear: float, constant: float) -> list[float]:
    """Real roots of square x² + linear x + constant, without cancellation."""
    if square == 0.0:
        return [-constant / linear] if linear != 0.0 else []
    inside = linear * linear - 4.0 * square * constant
    if inside < 0.0:
        return []
    far = -0.5 * (linear + copysign(sqrt(inside), linear))
    return [far / square, *([constant / far] if far != 0.0 else [])]


def _cross_hyperbolas(one: Sequence[float], two: Sequence[float]) -> list[float]:
    """Real roots of the difference of two laws that both have a hyperbola."""
    linear = np.poly1d([one[1] - two[1], one[0] - two[0]])
    shift_one, shift_two = np.poly1d([1.0, one[3]]), np.poly1d([1.0, two[3]])
    cubic = linear * shift_one * shift_two + one[2] * shift_two - two[2] * shift_one
    return [float(root.real) for root in cubic.roots if abs(root.imag) < REAL_ROOT]


def encode_path(
    path: PathProfile,
    train: Train,
    train_row: Vector,
    *,
    start_position_m: float,
    points_m: Sequence[float] = (),
) -> EncodedPath:
    """Cut the path wherever something changes for the train, from its start to the last stop.

    Parameters
    ----------
    path : PathProfile
        The path.
    train : Train
        The train; its length and rules decide where gradients and limits act.
    train_row : ndarray of float64, shape (TRAIN_COLUMNS,)
        The same train as from `encode_train`.
    start_position_m : float
        Position of the head at the start [m].
    points_m : sequence of float
        Positions at which the passing time is asked [m].

    Returns
    -------
    EncodedPath
        Cuts and pieces; a stop stands at the end of its piece.
    """
    positions = np.array(path.position_m)
    average_m = train.length_m if train.mass_model is MassModel.STRIP else 0.0
    bound_m = train.length_m if train.limit_rule is LimitRule.TAIL else 0.0
    stops = np.array(path.stop_position_m)
    end = stops[-1]
    wanted = [positions, positions + average_m, positions + bound_m, np.array(points_m), stops]
    every = np.sort(np.concatenate(wanted))
    inside = every[(every > start_position_m + SAME_PLACE_M) & (every < end - SAME_PLACE_M)]
    every = np.concatenate([[start_position_m], inside, [end]])
    cuts = every[np.concatenate([[True], np.diff(every) > SAME_PLACE_M])]
    radius = np.nan_to_num(np.array(path.curve_radius_m), nan=0.0)
    values = np.column_stack(
        [
            np.array(path.gradient_permille),
            curve_resistance(radius),
            np.minimum(np.array(path.speed_limit_kmh) * KMH_TO_MS, train.top_speed_ms),
        ]
    )
    pieces = np.empty((cuts.size - 1, motion.PIECE_COLUMNS))
    ceiling.lay_pieces(cuts, positions, values, np.array([average_m, bound_m]), train_row, pieces)
    for stop, dwell in zip(path.stop_position_m, path.stop_dwell_s, strict=True):
        if stop > start_position_m + SAME_PLACE_M:
            pieces[_nearest_cut(cuts, stop) - 1, motion.DWELL] = dwell
    return EncodedPath(cuts, pieces)


def _nearest_cut(cuts: Vector, position_m: float) -> int:
    """Index of the cut at a position."""
    return int(np.searchsorted(cuts, position_m - 2.0 * SAME_PLACE_M))
