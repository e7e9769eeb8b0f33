"""Compiled run of one train over a prepared path.

`run_train` goes forwards through the pieces and meets the braking curves of
`ceiling_kernel`; `run_freely` runs under one set of force laws without any ceiling.
"""

from math import isnan, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.running.ceiling_kernel import (
    CANNOT_HOLD,
    FINE,
    NODE_X,
    STALLED,
    STUCK,
    TOO_FAST,
    set_fault,
)
from arterial.running.driving_kernel import (
    CROSSING_M,
    LOG_KIND,
    LOG_T,
    LOG_TRACTION,
    LOG_X,
    MET_CURVE,
    STOP,
    choose_law,
    curve_excess,
    follow_curve,
    hold_speed,
    overruns_brake,
    pull,
)
from arterial.running.motion_kernel import (
    CEILING,
    DIRECTION,
    DWELL,
    END,
    FASTEST,
    LOGGED,
    LONGEST,
    NEW_V,
    NEW_X,
    SLOWEST,
    STARTED_AT,
    STEP_COLUMNS,
    TRACTION,
    V_HIGH,
    V_LOW,
    X1,
    T,
    V,
    Vector,
    X,
    acceleration,
    effort_at,
    step_within,
)

__all__ = ["run_freely", "run_train"]

# When the head passes each cut: arrival, departure, speed.
PASS_ARRIVAL: Final = 0
PASS_DEPARTURE: Final = 1
PASS_SPEED: Final = 2
PASS_COLUMNS: Final = 3
MOST_STEPS: Final = 1_000_000
SPEED_SLACK_MS: Final = 1e-10
LEFT_PATH: Final = 7
TOO_FAST_M: Final = 1e-5


@compiled
def _run_piece(
    now: Vector, piece: Vector, train: Vector, effort: Vector, nodes: Vector, log: Vector
) -> int:
    """Run from the train's position to the end of one piece; 0 or the code of a fault.

    The last row of `effort` is the brake's law, the others are the traction's.
    """
    brake, traction = effort[effort.shape[0] - 1], effort[: effort.shape[0] - 1]
    # Above by rounding only: `run_train` has refused what is really too fast.
    now[V] = min(now[V], piece[CEILING])
    has_curve = nodes.shape[0] > 0
    brake_from = nodes[nodes.shape[0] - 1, NODE_X] if has_curve else piece[X1]
    for _ in range(MOST_STEPS):
        if now[X] >= piece[X1]:
            return FINE
        if has_curve and now[X] >= brake_from:
            excess = curve_excess(now[X], now[V], nodes)
            # Twice what `_meet_curve` lands within, or the train would pull again just before it.
            if excess >= -2.0 * CROSSING_M:
                follow_curve(now, brake, piece, train, nodes, log)
                continue
        row = choose_law(now, traction, piece, train)
        if now[V] >= piece[CEILING] - SPEED_SLACK_MS:
            now[V] = piece[CEILING]
            until = brake_from if brake_from > now[X] else piece[X1]
            if overruns_brake(now, until, brake, piece, train):
                return CANNOT_HOLD
            if hold_speed(now, until, effort_at(now[V], traction[row]), piece, train, log):
                continue
        status = pull(now, traction[row], brake, piece, train, nodes, log)
        if status == MET_CURVE:
            follow_curve(now, brake, piece, train, nodes, log)
        elif status != FINE:
            return status
    set_fault(now, now[X], 0.0, piece, train)
    return STUCK


@compiled
def run_train(
    now: Vector,
    pieces: Vector,
    train: Vector,
    effort: Vector,
    nodes: Vector,
    spans: NDArray[np.int64],
    passed: Vector,
    log: Vector,
) -> int:
    """Run the train over all pieces; 0 or the code of a fault.

    `passed` receives arrival, departure and speed at every cut, `log` every step as far as it has
    room (`now` counts them all).
    """
    now[STARTED_AT] = now[X]
    passed[0, PASS_ARRIVAL] = passed[0, PASS_DEPARTURE] = now[T]
    passed[0, PASS_SPEED] = now[V]
    for i in range(pieces.shape[0]):
        first = int(spans[i, 0])
        curve = nodes[first : first + int(spans[i, 1])]
        is_fast = now[V] > pieces[i, CEILING] + SPEED_SLACK_MS
        if curve.shape[0] > 0 and now[X] >= curve[curve.shape[0] - 1, NODE_X]:
            is_fast |= curve_excess(now[X], now[V], curve) > TOO_FAST_M
        if is_fast:
            set_fault(now, now[X], 0.0, pieces[i], train)
            return TOO_FAST
        status = _run_piece(now, pieces[i], train, effort, curve, log)
        if status != FINE:
            return status
        passed[i + 1, PASS_ARRIVAL] = now[T]
        passed[i + 1, PASS_SPEED] = now[V]
        if not isnan(pieces[i, DWELL]):
            now[V] = 0.0
            now[STARTED_AT] = now[X]
            _log_stop(now, log)
            now[T] += pieces[i, DWELL]
        passed[i + 1, PASS_DEPARTURE] = now[T]
    return FINE


@compiled
def _log_stop(now: Vector, log: Vector) -> None:
    """Log the standstill that begins now."""
    row = int(now[LOGGED])
    now[LOGGED] += 1
    if row < log.shape[0]:
        log[row] = 0.0
        log[row, LOG_X], log[row, LOG_T], log[row, LOG_KIND] = now[X], now[T], STOP
        log[row, LOG_TRACTION] = now[TRACTION]


@compiled
def run_freely(
    now: Vector, times: Vector, pieces: Vector, train: Vector, effort: Vector, states: Vector
) -> int:
    """Run under the given laws without ceiling; position and speed at each instant in `states`.

    Ends early, with a code, when the train stands (the rest of `states` is the place where it
    stands) or leaves the last piece (the rest is missing).
    """
    out, bounds = np.empty(STEP_COLUMNS), np.empty(5)
    bounds[DIRECTION] = 1.0
    states[:] = nan
    i = 0
    for k in range(times.size):
        while now[T] < times[k]:
            while i < pieces.shape[0] and now[X] >= pieces[i, X1]:
                i += 1
            if i >= pieces.shape[0]:
                return LEFT_PATH
            row = choose_law(now, effort, pieces[i], train)
            accel = acceleration(now[X], now[V], effort[row], pieces[i], train)
            if now[V] <= 0.0 and accel <= 0.0:
                set_fault(now, now[X], effort_at(now[V], effort[row]), pieces[i], train)
                states[k:, 0], states[k:, 1] = now[X], 0.0
                return STALLED
            bounds[END], bounds[LONGEST] = pieces[i, X1], times[k] - now[T]
            bounds[SLOWEST], bounds[FASTEST] = effort[row, V_LOW], effort[row, V_HIGH]
            h = step_within(now, bounds, effort[row], pieces[i], train, out)
            is_whole = h == bounds[LONGEST]
            now[X], now[V] = out[NEW_X], out[NEW_V]
            # The instant itself: sums of steps end a rounding error short and would step again.
            now[T] = times[k] if is_whole else now[T] + h
        states[k, 0], states[k, 1] = now[X], now[V]
    return FINE
