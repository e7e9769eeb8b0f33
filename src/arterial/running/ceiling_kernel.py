"""Compiled ceiling of a run: the pieces of the path as the train feels them, and braking curves.

`lay_pieces` cuts the path wherever a gradient or a limit enters or leaves the train;
`build_braking_curves` integrates backwards from every stop and every drop of the limit.
"""

from math import inf, isnan, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.running.motion_kernel import (
    CEILING,
    CURVE,
    CURVE_FORCE,
    CURVE_RISE,
    DIRECTION,
    DWELL,
    END,
    FASTEST,
    FAULT_EFFORT,
    FAULT_GRADIENT,
    FAULT_RESISTANCE,
    FAULT_X,
    GRADIENT,
    GRADIENT_FORCE,
    GRADIENT_RISE,
    IS_CONSTANT,
    LENGTH,
    LENGTH_RISE,
    LONGEST,
    NEW_V,
    NEW_X,
    ROLLING_WORK,
    SLOWEST,
    STEP,
    STEP_COLUMNS,
    WEIGHT,
    X0,
    X1,
    T,
    V,
    Vector,
    X,
    acceleration,
    effort_at,
    gradient_at,
    rolling_resistance,
    step_within,
)

__all__ = ["build_braking_curves", "lay_pieces", "set_fault"]

# A node of a braking curve; time and work count from the node to the end of its piece.
NODE_X: Final = 0
NODE_V: Final = 1
NODE_A: Final = 2
NODE_T: Final = 3
NODE_WORK: Final = 4
NODE_COLUMNS: Final = 5

FINE: Final = 0
CANNOT_START: Final = 1
STALLED: Final = 2
CANNOT_BRAKE: Final = 3
TOO_FAST: Final = 4
STUCK: Final = 5
NODES_FULL: Final = 6
CANNOT_HOLD: Final = 9

LONGEST_STEP_S: Final = 10.0
"""Longest step of a braking curve [s]: a cubic between its nodes must come close."""


@compiled
def lay_pieces(
    cuts: Vector, positions: Vector, values: Vector, lengths: Vector, train: Vector, pieces: Vector
) -> None:
    """Fill the piece table between neighbouring cuts.

    `values` holds gradient [permille], curve resistance [N/kN] and limit [m/s] by path piece,
    `lengths` the length averaged over and the length that a limit binds [m].
    """
    average_m, bound_m = lengths[0], lengths[1]
    sums = np.zeros((positions.size, 2))
    for k in range(positions.size - 1):
        sums[k + 1] = sums[k] + values[k, :2] * (positions[k + 1] - positions[k])
    head, tail, binding = 0, 0, 0
    for i in range(cuts.size - 1):
        piece = pieces[i]
        # Looked up in the middle: at a cut rounding decides on which side of a position it lies.
        start, middle = cuts[i], 0.5 * (cuts[i] + cuts[i + 1])
        piece[X0], piece[X1], piece[DWELL] = start, cuts[i + 1], nan
        while head + 2 < positions.size and positions[head + 1] <= middle:
            head += 1
        while positions[tail + 1] <= middle - average_m:
            tail += 1
        while positions[binding + 1] <= middle - bound_m:
            binding += 1
        # A limit binds until the tail has left it, so all limits under the train count.
        piece[CEILING] = values[binding : head + 1, 2].min()
        # Behind the begin of the path nothing is known: the mean is over the part on the path.
        is_clipped = middle - average_m <= positions[0]
        piece[LENGTH] = start - positions[0] if is_clipped else average_m
        piece[LENGTH_RISE] = 1.0 if is_clipped else 0.0
        for kind in range(2):
            rise = values[head, kind]
            total = sums[head, kind] + rise * (start - positions[head])
            if not is_clipped:
                behind = start - average_m - positions[tail]
                total -= sums[tail, kind] + values[tail, kind] * behind
                rise -= values[tail, kind]
            piece[GRADIENT + 2 * kind], piece[GRADIENT_RISE + 2 * kind] = total, rise
        if average_m <= 0.0:
            piece[LENGTH], piece[LENGTH_RISE] = 1.0, 0.0
            piece[GRADIENT], piece[GRADIENT_RISE] = values[head, 0], 0.0
            piece[CURVE], piece[CURVE_RISE] = values[head, 1], 0.0
        _settle_piece(piece, train)


@compiled
def _settle_piece(piece: Vector, train: Vector) -> None:
    """Mark a piece on which gradient and curve resistance under the train do not change."""
    run = piece[X1] - piece[X0]
    end = piece[LENGTH] + piece[LENGTH_RISE] * run
    gradient = (piece[GRADIENT] + piece[GRADIENT_RISE] * run) / end
    curve = (piece[CURVE] + piece[CURVE_RISE] * run) / end
    piece[IS_CONSTANT] = 0.0
    if piece[LENGTH] > 0.0:
        change = abs(piece[GRADIENT] / piece[LENGTH] - gradient)
        change += abs(piece[CURVE] / piece[LENGTH] - curve)
        if change > 1e-9:  # noqa: PLR2004
            return
    piece[IS_CONSTANT] = 1.0
    slope = 1e-3 * gradient
    piece[GRADIENT_FORCE] = train[WEIGHT] * slope / np.sqrt(1.0 + slope * slope)
    piece[CURVE_FORCE] = train[WEIGHT] * 1e-3 * curve
    piece[GRADIENT], piece[GRADIENT_RISE] = gradient, 0.0
    piece[CURVE], piece[CURVE_RISE] = curve, 0.0
    piece[LENGTH], piece[LENGTH_RISE] = 1.0, 0.0


@compiled
def set_fault(now: Vector, x: float, effort: float, piece: Vector, train: Vector) -> None:
    """Keep where the run failed, and the gradient, effort and resistance there."""
    now[FAULT_X] = x
    now[FAULT_GRADIENT] = gradient_at(x, piece)
    now[FAULT_EFFORT] = effort
    now[FAULT_RESISTANCE] = rolling_resistance(now[V], train)


@compiled
def build_braking_curves(
    now: Vector,
    pieces: Vector,
    train: Vector,
    brake: Vector,
    nodes: Vector,
    spans: NDArray[np.int64],
    entry: Vector,
) -> int:
    """Braking curve of every piece, backwards from the last; 0 or the code of a fault.

    `spans` receives first node and number of nodes by piece, `entry` the highest speed at which
    the head may pass each cut [m/s].
    """
    filled = 0
    out, bounds, back = np.empty(STEP_COLUMNS), np.empty(5), np.empty(5)
    bounds[SLOWEST], bounds[LONGEST], bounds[DIRECTION] = -1.0, LONGEST_STEP_S, -1.0
    entry[pieces.shape[0]] = 0.0
    for i in range(pieces.shape[0] - 1, -1, -1):
        piece, top = pieces[i], pieces[i, CEILING]
        spans[i, 0], spans[i, 1] = filled, 0
        # At a stop the curve ends in standstill, whatever the next piece allows.
        if not isnan(piece[DWELL]):
            entry[i + 1] = 0.0
        back[X], back[V], back[T], back[STEP] = piece[X1], entry[i + 1], 0.0, 100.0
        bounds[END], bounds[FASTEST] = piece[X0], top
        work = 0.0
        while back[V] < top:
            accel = acceleration(back[X], back[V], brake, piece, train)
            # Backwards in time a brake that does not hold would never reach the ceiling.
            if accel >= 0.0:
                now[V] = back[V]
                set_fault(now, back[X], -effort_at(back[V], brake), piece, train)
                return CANNOT_BRAKE
            if filled >= nodes.shape[0]:
                return NODES_FULL
            nodes[filled, NODE_X], nodes[filled, NODE_V] = back[X], back[V]
            nodes[filled, NODE_A], nodes[filled, NODE_T] = accel, back[T]
            nodes[filled, NODE_WORK] = work
            filled += 1
            spans[i, 1] += 1
            if back[X] <= piece[X0]:
                break
            # The step is negative here, so time before the end of the piece grows.
            back[T] -= step_within(back, bounds, brake, piece, train, out)
            back[X], back[V] = out[NEW_X], out[NEW_V]
            work -= out[ROLLING_WORK]
        if spans[i, 1] > 0 and back[V] >= top:
            if filled >= nodes.shape[0]:
                return NODES_FULL
            nodes[filled, NODE_X], nodes[filled, NODE_V] = back[X], back[V]
            nodes[filled, NODE_A] = acceleration(back[X], back[V], brake, piece, train)
            nodes[filled, NODE_T], nodes[filled, NODE_WORK] = back[T], work
            filled += 1
            spans[i, 1] += 1
        before = pieces[i - 1, CEILING] if i > 0 else inf
        entry[i] = min(top, before) if back[X] > piece[X0] else min(back[V], top, before)
    return FINE
