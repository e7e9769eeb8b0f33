"""Compiled driving: pull at full effort, hold the ceiling, follow a braking curve.

The work at the wheel of a step is what kinetic energy, resistance and gradient leave of the
balance, so that the balance closes by construction.
"""

from math import inf
from typing import Final

import numpy as np

from arterial.compiling import compiled
from arterial.running.ceiling_kernel import (
    CANNOT_START,
    FINE,
    NODE_A,
    NODE_T,
    NODE_V,
    NODE_WORK,
    NODE_X,
    STALLED,
    set_fault,
)
from arterial.running.motion_kernel import (
    BOUNDS_AT,
    BRAKING,
    CEILING,
    DIRECTION,
    END,
    FASTEST,
    GRADE,
    INERTIA,
    LAW,
    LOGGED,
    LONGEST,
    NEW_V,
    NEW_X,
    OUT_AT,
    RESISTANCE,
    ROLLING_WORK,
    SLOWEST,
    STARTED_AT,
    STATE_COLUMNS,
    STEP_COLUMNS,
    TAKEN_AT,
    TRACTION,
    V_HIGH,
    V_LOW,
    X1,
    T,
    V,
    Vector,
    X,
    acceleration,
    advance,
    curve_work,
    effort_at,
    grade_work,
    land_on_position,
    rolling_resistance,
    slope_force,
    step_within,
    time_to_cover,
)

__all__ = ["choose_law", "curve_excess", "follow_curve", "hold_speed", "overruns_brake", "pull"]

# A logged step: its start, the acceleration and force at both ends, what the train does.
LOG_X: Final = 0
LOG_T: Final = 1
LOG_V: Final = 2
LOG_A: Final = 3
LOG_A_END: Final = 4
LOG_FORCE: Final = 5
LOG_FORCE_END: Final = 6
LOG_KIND: Final = 7
LOG_TRACTION: Final = 8
LOG_COLUMNS: Final = 9


ACCELERATE: Final = 0
CRUISE: Final = 1
COAST: Final = 2
BRAKE: Final = 3
STOP: Final = 4
SLOW: Final = 5

# A step to be taken: where it ends, how long it takes, its rolling work, its accelerations.
TO_X: Final = 0
TO_V: Final = 1
DURATION: Final = 2
ROLLING: Final = 3
START_A: Final = 4
END_A: Final = 5
TAKEN_COLUMNS: Final = 6

EFFORT_SLACK: Final = 1e-9
LOAD_N: Final = 1e-6
CROSSING_M: Final = 1e-8
STANDING_MS: Final = 1e-5
LEAST_START_M_S2: Final = 1e-9
MET_CURVE: Final = 8
NO_PROGRESS_M: Final = 1e-6


@compiled
def _take_step(
    now: Vector, step: Vector, kind: int, piece: Vector, train: Vector, log: Vector
) -> None:
    """Log a step, move the train to its end and book the works (`TO_X` and following)."""
    row = int(now[LOGGED])
    now[LOGGED] += 1
    x, v = step[TO_X], step[TO_V]
    if row < log.shape[0]:
        start = rolling_resistance(now[V], train) + slope_force(now[X], piece, train)
        end = rolling_resistance(v, train) + slope_force(x, piece, train)
        log[row, LOG_X], log[row, LOG_T], log[row, LOG_V] = now[X], now[T], now[V]
        log[row, LOG_A], log[row, LOG_A_END] = step[START_A], step[END_A]
        log[row, LOG_FORCE] = train[INERTIA] * step[START_A] + start
        log[row, LOG_FORCE_END] = train[INERTIA] * step[END_A] + end
        log[row, LOG_KIND], log[row, LOG_TRACTION] = kind, now[TRACTION]
    grade = grade_work(now[X], x, piece, train)
    resistance = step[ROLLING] + curve_work(now[X], x, piece, train)
    # Sum times difference: the difference of two squares loses its digits in a short step.
    wheel = 0.5 * train[INERTIA] * (v - now[V]) * (v + now[V]) + resistance + grade
    if wheel >= 0.0:
        now[TRACTION] += wheel
    else:
        now[BRAKING] -= wheel
    now[RESISTANCE] += resistance
    now[GRADE] += grade
    now[X], now[V] = x, v
    now[T] += step[DURATION]


@compiled
def curve_excess(x: float, v: float, nodes: Vector) -> float:
    """How far the head lies beyond the braking curve at its speed [m]; negative before it.

    The curve's position is a cubic in speed between nodes, through both positions and slopes
    v / a; unlike v²/2 by position it stays smooth down to standstill.
    """
    last = nodes.shape[0] - 1
    # Off the curve only the sign counts, but without a jump where `_meet_curve` searches.
    if v < nodes[0, NODE_V]:
        return float(x - nodes[0, NODE_X] - (nodes[0, NODE_V] - v))
    if v > nodes[last, NODE_V]:
        return float(x - nodes[last, NODE_X] + (v - nodes[last, NODE_V]))
    j = 0
    while j < last - 1 and nodes[j + 1, NODE_V] < v:
        j += 1
    low, high = nodes[j], nodes[j + 1]
    run = high[NODE_V] - low[NODE_V]
    s = (v - low[NODE_V]) / run
    curve = low[NODE_X] * (1.0 + 2.0 * s) * (1.0 - s) ** 2
    curve += high[NODE_X] * s * s * (3.0 - 2.0 * s)
    rise_low, rise_high = low[NODE_V] / low[NODE_A], high[NODE_V] / high[NODE_A]
    curve += run * s * (1.0 - s) * (rise_low * (1.0 - s) - rise_high * s)
    return float(x - curve)


@compiled
def _step_back_to(
    x: float, j: int, brake: Vector, piece: Vector, train: Vector, nodes: Vector, out: Vector
) -> float:
    """Time from position x on the braking curve to its node j [s]; `out` holds the step back."""
    back = np.empty(2)
    back[X], back[V] = nodes[j, NODE_X], nodes[j, NODE_V]
    h = -time_to_cover(back[X] - x, back[V], -nodes[j, NODE_A])
    advance(back[X], back[V], h, brake, piece, train, out)
    return -land_on_position(back, h, x, brake, piece, train, out)


@compiled
def _node_ahead(x: float, nodes: Vector) -> int:
    """First node of the braking curve ahead of a position, at most the second to last."""
    j = nodes.shape[0] - 2
    while j > 0 and nodes[j, NODE_X] <= x:
        j -= 1
    return int(j)


@compiled
def _meet_curve(
    now: Vector,
    h: float,
    law: Vector,
    brake: Vector,
    piece: Vector,
    train: Vector,
    nodes: Vector,
    out: Vector,
) -> float:
    """Length of the step from `now` that ends on the braking curve [s]; `out` holds its end.

    Regula falsi against the cubic between nodes, then two corrections against the exact curve.
    """
    low, high = 0.0, h
    # The train may stand on the curve by rounding; the search needs both signs.
    miss_low = min(curve_excess(now[X], now[V], nodes), -CROSSING_M)
    miss_high = curve_excess(out[NEW_X], out[NEW_V], nodes)
    side, middle = 0, h
    for _ in range(80):
        middle = (low * miss_high - high * miss_low) / (miss_high - miss_low)
        advance(now[X], now[V], middle, law, piece, train, out)
        miss = curve_excess(out[NEW_X], out[NEW_V], nodes)
        if abs(miss) <= CROSSING_M:
            break
        if miss > 0.0:
            high, miss_high = middle, miss
            # Illinois: halved when the same side moves twice, else the search creeps.
            miss_low *= 0.5 if side > 0 else 1.0
            side = 1
        else:
            low, miss_low = middle, miss
            miss_high *= 0.5 if side < 0 else 1.0
            side = -1
    curve = np.empty(STEP_COLUMNS)
    for _ in range(2):
        x, v = out[NEW_X], out[NEW_V]
        _step_back_to(x, _node_ahead(x, nodes), brake, piece, train, nodes, curve)
        above = 0.5 * (v - curve[NEW_V]) * (v + curve[NEW_V])
        closing = acceleration(x, v, law, piece, train) - acceleration(x, v, brake, piece, train)
        correction = above / (v * closing)
        # Where both fall alike the correction has no meaning and may leave the step.
        if not (closing > 0.0 and abs(correction) < 0.5 * middle):
            break
        middle -= correction
        advance(now[X], now[V], middle, law, piece, train, out)
    return middle


@compiled
def follow_curve(
    now: Vector, brake: Vector, piece: Vector, train: Vector, nodes: Vector, log: Vector
) -> None:
    """Brake along the curve from the train's position to the end of the piece.

    Between two nodes the curve is stepped backwards from the later one, which is exact.
    """
    step, out = np.empty(TAKEN_COLUMNS), np.empty(STEP_COLUMNS)
    j = _node_ahead(now[X], nodes)
    if nodes[j + 1, NODE_X] < now[X]:
        step[DURATION] = _step_back_to(now[X], j, brake, piece, train, nodes, out)
        step[TO_X], step[TO_V] = nodes[j, NODE_X], nodes[j, NODE_V]
        step[ROLLING] = -out[ROLLING_WORK]
        step[START_A] = acceleration(now[X], now[V], brake, piece, train)
        step[END_A] = nodes[j, NODE_A]
        _take_step(now, step, BRAKE, piece, train, log)
        j -= 1
    while j >= 0:
        step[TO_X], step[TO_V] = nodes[j, NODE_X], nodes[j, NODE_V]
        step[DURATION] = nodes[j + 1, NODE_T] - nodes[j, NODE_T]
        step[ROLLING] = nodes[j + 1, NODE_WORK] - nodes[j, NODE_WORK]
        step[START_A], step[END_A] = nodes[j + 1, NODE_A], nodes[j, NODE_A]
        _take_step(now, step, BRAKE, piece, train, log)
        j -= 1


@compiled
def _find_load(
    low: float, high: float, target: float, rolling: float, piece: Vector, train: Vector
) -> float:
    """Position between two at which resistance and slope together reach a force [m]."""
    miss_low = rolling + slope_force(low, piece, train) - target
    miss_high = rolling + slope_force(high, piece, train) - target
    side, middle = 0, low
    for _ in range(60):
        middle = (low * miss_high - high * miss_low) / (miss_high - miss_low)
        miss = rolling + slope_force(middle, piece, train) - target
        if abs(miss) <= LOAD_N:
            break
        if miss * miss_high > 0.0:
            high, miss_high = middle, miss
            # Illinois, as in `_meet_curve`.
            miss_low *= 0.5 if side > 0 else 1.0
            side = 1
        else:
            low, miss_low = middle, miss
            miss_high *= 0.5 if side < 0 else 1.0
            side = -1
    return float(middle)


@compiled
def hold_speed(
    now: Vector, until: float, effort: float, piece: Vector, train: Vector, log: Vector
) -> bool:
    """Hold the speed as far as the effort carries it, at most to `until`; False if not at all.

    The step ends where the force at the wheel changes sign, so that traction and braking work
    are told apart.
    """
    rolling = rolling_resistance(now[V], train)
    # Slack for a force that just suffices: rounding alone would stall the train.
    most = effort * (1.0 + EFFORT_SLACK) + EFFORT_SLACK
    need = rolling + slope_force(now[X], piece, train)
    need_later = rolling + slope_force(until, piece, train)
    if need > most:
        return False
    if need_later > most:
        until = _find_load(now[X], until, most, rolling, piece, train)
        # A step of nothing would be tried for ever; the caller pulls instead.
        if until - now[X] < NO_PROGRESS_M:
            return False
        need_later = most
    if need * need_later < 0.0:
        turn = _find_load(now[X], until, 0.0, rolling, piece, train)
        if turn - now[X] > NO_PROGRESS_M:
            until = turn
    step = now[TAKEN_AT:STATE_COLUMNS]
    step[START_A] = step[END_A] = 0.0
    step[TO_X], step[TO_V] = until, now[V]
    step[DURATION] = (until - now[X]) / now[V]
    step[ROLLING] = rolling * (until - now[X])
    _take_step(now, step, CRUISE, piece, train, log)
    return True


@compiled
def overruns_brake(now: Vector, until: float, brake: Vector, piece: Vector, train: Vector) -> bool:
    """Whether the whole brake cannot hold the speed up to a position; notes where it fails."""
    here = acceleration(now[X], now[V], brake, piece, train)
    there = acceleration(until, now[V], brake, piece, train)
    if max(here, there) <= 0.0:
        return False
    set_fault(now, now[X] if here > there else until, -effort_at(now[V], brake), piece, train)
    return True


@compiled
def choose_law(now: Vector, effort: Vector, piece: Vector, train: Vector) -> int:
    """Row of the effort law that holds at the speed in the direction in which it changes."""
    row = int(now[LAW])
    last = effort.shape[0] - 1
    while row > 0 and now[V] < effort[row, V_LOW]:
        row -= 1
    while row < last and now[V] > effort[row, V_HIGH]:
        row += 1
    accel = acceleration(now[X], now[V], effort[row], piece, train)
    # At the border of two laws the speed alone does not tell which one comes next.
    if row < last and now[V] == effort[row, V_HIGH] and accel > 0.0:
        row += 1
    elif row > 0 and now[V] == effort[row, V_LOW] and accel < 0.0:
        row -= 1
    now[LAW] = row
    return row


@compiled
def pull(
    now: Vector,
    law: Vector,
    brake: Vector,
    piece: Vector,
    train: Vector,
    nodes: Vector,
    log: Vector,
) -> int:
    """One step at full effort, ending at the latest on the braking curve.

    Returns 0, `MET_CURVE` when the step ends on the curve, or the code of a fault.
    """
    step, bounds = now[TAKEN_AT:STATE_COLUMNS], now[BOUNDS_AT:TAKEN_AT]
    out = now[OUT_AT:BOUNDS_AT]
    accel = acceleration(now[X], now[V], law, piece, train)
    # Standing alone is no fault: a train with effort to spare starts.
    if now[V] <= STANDING_MS and accel <= LEAST_START_M_S2:
        set_fault(now, now[X], effort_at(now[V], law), piece, train)
        return CANNOT_START if now[X] == now[STARTED_AT] else STALLED
    bounds[END], bounds[SLOWEST] = piece[X1], law[V_LOW]
    bounds[FASTEST] = min(law[V_HIGH], piece[CEILING])
    bounds[LONGEST], bounds[DIRECTION] = inf, 1.0
    h = step_within(now, bounds, law, piece, train, out)
    status = FINE
    if nodes.shape[0] > 0 and curve_excess(out[NEW_X], out[NEW_V], nodes) > 0.0:
        last = nodes.shape[0] - 1
        # Before its begin the curve is only an extension and nothing to brake for.
        if out[NEW_X] > nodes[last, NODE_X]:
            status = MET_CURVE
            h = _meet_curve(now, h, law, brake, piece, train, nodes, out)
    step[TO_X], step[TO_V], step[DURATION] = out[NEW_X], out[NEW_V], h
    step[ROLLING], step[START_A] = out[ROLLING_WORK], accel
    step[END_A] = acceleration(out[NEW_X], out[NEW_V], law, piece, train)
    _take_step(now, step, ACCELERATE if accel >= 0.0 else SLOW, piece, train, log)
    return status
