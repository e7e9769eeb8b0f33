"""Compiled equation of motion: forces on the train, one integration step, and landing on events.

`advance` makes one step of the pair of orders 5 and 4 of [Dormand 1980]; `land_on_position` and
`land_on_speed` shorten a step until it ends exactly on an event. Everything is SI. Arrays stand
in for objects; the column constants below name their places and are fixed when compiled.
"""

from math import inf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = [
    "acceleration",
    "advance",
    "curve_work",
    "effort_at",
    "grade_work",
    "gradient_at",
    "land_on_position",
    "land_on_speed",
    "rolling_resistance",
    "slope_force",
    "step_within",
    "time_to_cover",
]

Vector = NDArray[np.float64]


# A piece of line on which the mean gradient under the train is one ratio of straight lines.
X0: Final = 0
X1: Final = 1
GRADIENT: Final = 2
GRADIENT_RISE: Final = 3
CURVE: Final = 4
CURVE_RISE: Final = 5
LENGTH: Final = 6
LENGTH_RISE: Final = 7
CEILING: Final = 8
IS_CONSTANT: Final = 9
GRADIENT_FORCE: Final = 10
CURVE_FORCE: Final = 11
DWELL: Final = 12
PIECE_COLUMNS: Final = 13

# The train: inertia, weight and resistance.
INERTIA: Final = 0
WEIGHT: Final = 1
RESISTANCE_A: Final = 2
RESISTANCE_B: Final = 3
RESISTANCE_C: Final = 4
TOLERANCE: Final = 5
TRAIN_COLUMNS: Final = 6

# A force law F = CONSTANT + LINEAR v + HYPERBOLA / (SHIFT + v), valid from V_LOW to V_HIGH.
FORCE_CONSTANT: Final = 0
FORCE_LINEAR: Final = 1
FORCE_HYPERBOLA: Final = 2
FORCE_SHIFT: Final = 3
IS_NET: Final = 4
V_LOW: Final = 5
V_HIGH: Final = 6
FORCE_COLUMNS: Final = 7

# The moving train: state, suggested step, row of the force law, works, log, place of a fault.
X: Final = 0
V: Final = 1
T: Final = 2
STEP: Final = 3
LAW: Final = 4
TRACTION: Final = 5
BRAKING: Final = 6
RESISTANCE: Final = 7
GRADE: Final = 8
LOGGED: Final = 9
STARTED_AT: Final = 10
FAULT_X: Final = 11
FAULT_GRADIENT: Final = 12
FAULT_EFFORT: Final = 13
FAULT_RESISTANCE: Final = 14
# Room behind the state for the step being made: its result, its bounds, and it as taken.
OUT_AT: Final = 15
BOUNDS_AT: Final = 19
TAKEN_AT: Final = 24
STATE_COLUMNS: Final = 30

# What a step may not pass.
END: Final = 0
SLOWEST: Final = 1
FASTEST: Final = 2
LONGEST: Final = 3
DIRECTION: Final = 4

# The result of one step.
NEW_X: Final = 0
NEW_V: Final = 1
ROLLING_WORK: Final = 2
STEP_ERROR: Final = 3
STEP_COLUMNS: Final = 4

SMALLEST_STEP_S: Final = 1e-7
GAUSS_NODES: Final = (
    -0.906179845938664,
    -0.5384693101056831,
    0.0,
    0.5384693101056831,
    0.906179845938664,
)
GAUSS_WEIGHTS: Final = (
    0.23692688505618908,
    0.47862867049936647,
    0.5688888888888889,
    0.47862867049936647,
    0.23692688505618908,
)
LANDING_M: Final = 1e-8
LANDING_MS: Final = 1e-11


@compiled
def effort_at(speed: float, law: Vector) -> float:
    """Force of one law at a speed [N]; the hyperbola is skipped where it is absent."""
    force = law[FORCE_CONSTANT] + law[FORCE_LINEAR] * speed
    if law[FORCE_HYPERBOLA] != 0.0:
        force += law[FORCE_HYPERBOLA] / (law[FORCE_SHIFT] + speed)
    return float(force)


@compiled
def rolling_resistance(speed: float, train: Vector) -> float:
    """Train resistance A + B v + C v² on straight level track [N]."""
    return float(train[RESISTANCE_A] + speed * (train[RESISTANCE_B] + speed * train[RESISTANCE_C]))


@compiled
def gradient_at(x: float, piece: Vector) -> float:
    """Gradient under the train, mean over its length, head at `x` [permille]."""
    ahead = x - piece[X0]
    length = piece[LENGTH] + piece[LENGTH_RISE] * ahead
    return float((piece[GRADIENT] + piece[GRADIENT_RISE] * ahead) / length)


@compiled
def slope_force(x: float, piece: Vector, train: Vector) -> float:
    """Force of gradient and curves against the train, head at `x` [N]."""
    if piece[IS_CONSTANT] != 0.0:
        return float(piece[GRADIENT_FORCE] + piece[CURVE_FORCE])
    ahead = x - piece[X0]
    share = 1e-3 / (piece[LENGTH] + piece[LENGTH_RISE] * ahead)
    slope = (piece[GRADIENT] + piece[GRADIENT_RISE] * ahead) * share
    curve = (piece[CURVE] + piece[CURVE_RISE] * ahead) * share
    return float(train[WEIGHT] * (slope / sqrt(1.0 + slope * slope) + curve))


@compiled
def grade_work(x: float, new_x: float, piece: Vector, train: Vector) -> float:
    """Work against the gradient between two head positions [J]; Gauss with five points."""
    if piece[IS_CONSTANT] != 0.0:
        return float(piece[GRADIENT_FORCE] * (new_x - x))
    # The mean gradient is a ratio of straight lines here and has no simple integral.
    half = 0.5 * (new_x - x)
    total = 0.0
    for point in range(5):
        slope = 1e-3 * gradient_at(x + half * (1.0 + GAUSS_NODES[point]), piece)
        total += GAUSS_WEIGHTS[point] * slope / sqrt(1.0 + slope * slope)
    return float(train[WEIGHT] * half * total)


@compiled
def curve_work(x: float, new_x: float, piece: Vector, train: Vector) -> float:
    """Work against curve resistance between two head positions [J]; Gauss with five points."""
    if piece[IS_CONSTANT] != 0.0:
        return float(piece[CURVE_FORCE] * (new_x - x))
    half = 0.5 * (new_x - x)
    total = 0.0
    for point in range(5):
        ahead = x + half * (1.0 + GAUSS_NODES[point]) - piece[X0]
        length = piece[LENGTH] + piece[LENGTH_RISE] * ahead
        total += GAUSS_WEIGHTS[point] * (piece[CURVE] + piece[CURVE_RISE] * ahead) / length
    return float(1e-3 * train[WEIGHT] * half * total)


@compiled
def acceleration(x: float, speed: float, law: Vector, piece: Vector, train: Vector) -> float:
    """Acceleration under a force law [m/s²]; a net law leaves resistance and slope out."""
    force = effort_at(speed, law)
    if law[IS_NET] == 0.0:
        force -= rolling_resistance(speed, train) + slope_force(x, piece, train)
    return float(force / train[INERTIA])


@compiled
def advance(
    x: float, v: float, h: float, law: Vector, piece: Vector, train: Vector, out: Vector
) -> None:
    """One step of h seconds (negative: backwards) from position x and speed v into `out`.

    Stages and weights of [Dormand 1980]; the work of the train resistance is carried along by
    the weights of order 5, the error is the larger of the two orders' differences in speed and
    a tenth of that in position.
    """
    a1 = acceleration(x, v, law, piece, train)
    v2 = v + h * 0.2 * a1
    a2 = acceleration(x + h * 0.2 * v, v2, law, piece, train)
    v3 = v + h * (0.075 * a1 + 0.225 * a2)
    a3 = acceleration(x + h * (0.075 * v + 0.225 * v2), v3, law, piece, train)
    v4 = v + h * (44 / 45 * a1 - 56 / 15 * a2 + 32 / 9 * a3)
    x4 = x + h * (44 / 45 * v - 56 / 15 * v2 + 32 / 9 * v3)
    a4 = acceleration(x4, v4, law, piece, train)
    v5 = v + h * (19372 / 6561 * a1 - 25360 / 2187 * a2 + 64448 / 6561 * a3 - 212 / 729 * a4)
    x5 = x + h * (19372 / 6561 * v - 25360 / 2187 * v2 + 64448 / 6561 * v3 - 212 / 729 * v4)
    a5 = acceleration(x5, v5, law, piece, train)
    v6 = v + h * (
        9017 / 3168 * a1 - 355 / 33 * a2 + 46732 / 5247 * a3 + 49 / 176 * a4 - 5103 / 18656 * a5
    )
    x6 = x + h * (
        9017 / 3168 * v - 355 / 33 * v2 + 46732 / 5247 * v3 + 49 / 176 * v4 - 5103 / 18656 * v5
    )
    a6 = acceleration(x6, v6, law, piece, train)
    w1, w3, w4, w5, w6 = 35 / 384, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84
    new_v = v + h * (w1 * a1 + w3 * a3 + w4 * a4 + w5 * a5 + w6 * a6)
    new_x = x + h * (w1 * v + w3 * v3 + w4 * v4 + w5 * v5 + w6 * v6)
    # The seventh stage belongs to the error alone; the result has order 5 without it.
    a7 = acceleration(new_x, new_v, law, piece, train)
    e1, e3, e4, e5, e6, e7 = 71 / 57600, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40
    error_v = h * (e1 * a1 + e3 * a3 + e4 * a4 + e5 * a5 + e6 * a6 + e7 * a7)
    error_x = h * (e1 * v + e3 * v3 + e4 * v4 + e5 * v5 + e6 * v6 + e7 * new_v)
    out[NEW_X] = new_x
    out[NEW_V] = new_v
    out[ROLLING_WORK] = h * (
        w1 * v * rolling_resistance(v, train)
        + w3 * v3 * rolling_resistance(v3, train)
        + w4 * v4 * rolling_resistance(v4, train)
        + w5 * v5 * rolling_resistance(v5, train)
        + w6 * v6 * rolling_resistance(v6, train)
    )
    out[STEP_ERROR] = max(abs(error_v), 0.1 * abs(error_x))


@compiled
def time_to_cover(distance: float, speed: float, accel: float) -> float:
    """Time to cover a distance at constant acceleration [s]; infinite if never covered."""
    root = speed * speed + 2.0 * accel * distance
    if root < 0.0 or speed + root <= 0.0:
        return inf
    # This form of the root: (root - speed) / accel loses its digits at small accelerations.
    return float(2.0 * distance / (speed + sqrt(root)))


@compiled
def land_on_position(
    now: Vector, h: float, target: float, law: Vector, piece: Vector, train: Vector, out: Vector
) -> float:
    """Length of the step from `now` that ends at the target position [s]; `out` holds its end.

    Newton's method, starting from the step already in `out`; a train that stands before the
    target is left to the caller.
    """
    for _ in range(30):
        miss = out[NEW_X] - target
        if abs(miss) <= LANDING_M or out[NEW_V] <= 0.0:
            break
        # The derivative of position is the speed at the end of the step, so Newton costs nothing.
        h -= miss / out[NEW_V]
        advance(now[X], now[V], h, law, piece, train, out)
    return h


@compiled
def land_on_speed(
    now: Vector, h: float, target: float, law: Vector, piece: Vector, train: Vector, out: Vector
) -> float:
    """Length of the step from `now` that ends at the target speed [s]; `out` holds its end.

    Regula falsi in the Illinois form between no step and the step already in `out`; a train that
    leaves the target speed and comes back to it starts from a shorter step instead.
    """
    high, miss_high = h, out[NEW_V] - target
    low, miss_low = 0.0, now[V] - target
    # It starts at the target but for rounding: a step of nothing lands there.
    if miss_low * miss_high < 0.0 and abs(miss_low) <= LANDING_MS:
        advance(now[X], now[V], 0.0, law, piece, train, out)
        return 0.0
    if miss_low * miss_high >= 0.0:
        low = h
        while miss_low * miss_high >= 0.0 or abs(miss_low) <= LANDING_MS:
            low *= 0.5
            advance(now[X], now[V], low, law, piece, train, out)
            miss_low = out[NEW_V] - target
            if abs(low) <= SMALLEST_STEP_S:
                return low
    middle = high
    for _ in range(60):
        middle = (low * miss_high - high * miss_low) / (miss_high - miss_low)
        advance(now[X], now[V], middle, law, piece, train, out)
        miss = out[NEW_V] - target
        if abs(miss) <= LANDING_MS:
            break
        if miss * miss_high < 0.0:
            low, miss_low = high, miss_high
        else:
            miss_low *= 0.5
        high, miss_high = middle, miss
    return middle


@compiled
def step_within(
    now: Vector, bounds: Vector, law: Vector, piece: Vector, train: Vector, out: Vector
) -> float:
    """One step that meets the tolerance and stops at the first bound it meets [s].

    The bounds are an end position, a lowest and a highest speed and a longest step; direction -1
    steps backwards in time. The end of the step is left in `out`, the next step suggested in
    `now`; the length returned is negative when stepping backwards.
    """
    direction = bounds[DIRECTION]
    accel = acceleration(now[X], now[V], law, piece, train)
    reach = time_to_cover(abs(bounds[END] - now[X]), now[V], direction * accel)
    h = min(now[STEP], bounds[LONGEST])
    # A step cut short by a bound says nothing of what the tolerance allows.
    is_cut = h < now[STEP] or reach <= h
    h = min(h, reach)
    growth = 1.0
    for _ in range(60):
        advance(now[X], now[V], direction * h, law, piece, train, out)
        # Of constant force the step is exact and its error nought.
        growth = 0.9 * (train[TOLERANCE] / max(out[STEP_ERROR], 1e-300)) ** 0.2
        if out[STEP_ERROR] <= train[TOLERANCE] or h <= SMALLEST_STEP_S:
            break
        h *= max(0.2, growth)
        is_cut = False
    suggestion = h * min(5.0, max(0.2, growth))
    now[STEP] = max(now[STEP], suggestion) if is_cut else suggestion
    h *= direction
    if h * direction >= reach or (out[NEW_X] - bounds[END]) * direction > 0.0:
        h = land_on_position(now, h, bounds[END], law, piece, train, out)
        # Exactly on the bound: else the next piece begins with a step of rounding error.
        if abs(out[NEW_X] - bounds[END]) <= LANDING_M:
            out[NEW_X] = bounds[END]
    if out[NEW_V] > bounds[FASTEST]:
        h = land_on_speed(now, h, bounds[FASTEST], law, piece, train, out)
        out[NEW_V] = bounds[FASTEST]
    elif out[NEW_V] < bounds[SLOWEST]:
        h = land_on_speed(now, h, bounds[SLOWEST], law, piece, train, out)
        out[NEW_V] = bounds[SLOWEST]
    return float(h)
