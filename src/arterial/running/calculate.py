"""Running time of a train over a path: the fastest run that every limit and stop allows.

`calculate_running_time` is the main function. Equation of motion and method: see
`docs/verification/running_times.md`; forces as in [Wende 2003].

`run_freely` answers where a train is and how fast after given times, under full effort or coasting,
without limits, stops or brake; acceleration and coasting trials are compared with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from arterial.errors import Fault, InfeasibleError, LimitError
from arterial.running.path import PathProfile
from arterial.running.result import DriveKind, RunningTime
from arterial.running.train import Train
from arterial.units import kmh_to_ms, ms_to_kmh

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from arterial.running.encode import EncodedPath

    Vector = NDArray[np.float64]

__all__ = ["FreeRun", "calculate_running_time", "run_freely"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeRun:
    """Positions and speeds of a freely running train.

    Parameters
    ----------
    time_s : tuple of float
        Instants since the start [s].
    position_m : tuple of float
        Position of the head at each instant [m]; NaN once the train has left the path.
    speed_ms : tuple of float
        Speed at each instant [m/s].
    """

    time_s: tuple[float, ...]
    position_m: tuple[float, ...]
    speed_ms: tuple[float, ...]


SAME_PLACE_M: Final = 2e-6
"""Positions closer than this may share a cut [m]."""
STEP_TOLERANCE: Final = 1e-8
"""Error allowed to one integration step in speed [m/s]."""


def calculate_running_time(
    path: PathProfile,
    train: Train,
    *,
    start_position_m: float | None = None,
    start_speed_kmh: float = 0.0,
    points_m: Sequence[float] = (),
    step_tolerance: float = STEP_TOLERANCE,
) -> RunningTime:
    """Shortest running time of a train to the last stop of a path, with the dwell times between.

    Full effort up to the ceiling, the ceiling held with the effort or brake that it takes, and
    braking curves integrated backwards from every stop and every drop of the limit. Integration
    steps end on every change of gradient under the train, limit, effort law and stop.

    Parameters
    ----------
    path : PathProfile
        Gradients, limits, curves and stops.
    train : Train
        What is to run.
    start_position_m : float or None
        Position of the head at the start [m]; None is the start of the path.
    start_speed_kmh : float
        Speed at the start [km/h].
    points_m : sequence of float
        Further positions whose passing time is wanted [m].
    step_tolerance : float
        Error allowed to one step in speed [m/s], in position ten times as many metres.

    Returns
    -------
    RunningTime
        Times, works, transitions and the run itself.

    Raises
    ------
    LimitError
        If the start, its speed or a point does not fit the path.
    InfeasibleError
        If the effort cannot start the train or carry it on, or the brake cannot slow it down.

    Notes
    -----
    Ignores signals, the build-up time of effort and brake, and slack in the couplings.

    Examples
    --------
    10 km at a constant 90 km/h, braked to rest at 0.5 m/s²: 9375 m at 25 m/s and 50 s of braking.

    >>> from arterial.running.train import BrakeRule
    >>> train = Train(
    ...     mass_kg=400_000.0, length_m=200.0, resistance_a_n=6000.0,
    ...     resistance_b_n_per_ms=100.0, resistance_c_n_per_ms2=8.0, effort_max_n=250_000.0,
    ...     power_w=3.0e6, top_speed_ms=25.0, brake_rule=BrakeRule.CONSTANT, brake_value=0.5)
    >>> path = PathProfile(
    ...     position_m=(0.0, 10_000.0), gradient_permille=(0.0,), speed_limit_kmh=(90.0,),
    ...     stop_position_m=(10_000.0,), stop_dwell_s=(0.0,))
    >>> round(calculate_running_time(path, train, start_speed_kmh=90.0).total_time_s, 6)
    425.0
    """
    start = path.position_m[0] if start_position_m is None else start_position_m
    _check_start(path, start, start_speed_kmh, points_m)
    # Compiling takes seconds: numba is loaded only when something is calculated.
    from arterial.running import encode

    train_row = encode.encode_train(train, tolerance=step_tolerance)
    effort = encode.encode_effort(train)
    encoded = encode.encode_path(path, train, train_row, start_position_m=start, points_m=points_m)
    run = _run_encoded(encoded, train_row, effort, kmh_to_ms(start_speed_kmh))
    return _read_run(path, encoded, run, train.inertia_kg, points_m)


def _check_start(
    path: PathProfile, start_m: float, start_speed_kmh: float, points_m: Sequence[float]
) -> None:
    """Refuse a start or points that do not lie on the path, all at once."""
    faults = []
    last = path.stop_position_m[-1]
    if not path.position_m[0] <= start_m < last:
        cause = f"The start at {start_m:g} m does not lie between the path's start and last stop."
        faults.append(Fault(cause, "Move it onto the path.", column="start_position_m"))
    if not 0.0 <= start_speed_kmh < float("inf"):
        cause = f"The speed at the start is {start_speed_kmh:g} km/h."
        faults.append(Fault(cause, "Give 0 or more.", column="start_speed_kmh"))
    for point in points_m:
        if not start_m <= point <= last:
            cause = f"The point at {point:g} m is not run over."
            faults.append(Fault(cause, "Move it between start and last stop.", column="points_m"))
    if faults:
        message = "The start or a point does not fit the path."
        raise LimitError(message, faults)


@dataclass(frozen=True, slots=True)
class Run:
    """What the kernels leave behind.

    Parameters
    ----------
    state : ndarray of float64, shape (STATE_COLUMNS,)
        The train at the end, with the works.
    passed : ndarray of float64, shape (n_cuts, PASS_COLUMNS)
        Arrival, departure and speed at every cut.
    log : ndarray of float64, shape (n_steps, LOG_COLUMNS)
        Every step.
    """

    state: "Vector"
    passed: "Vector"
    log: "Vector"


def _run_encoded(
    encoded: "EncodedPath", train_row: "Vector", effort: "Vector", start_speed_ms: float
) -> Run:
    """Run the kernels, with more room for curves and log when the first guess was too small."""
    import numpy as np

    from arterial.running import ceiling_kernel as ceiling
    from arterial.running import driving_kernel as driving
    from arterial.running import motion_kernel as motion
    from arterial.running import run_kernel

    n_pieces = encoded.pieces.shape[0]
    spans = np.empty((n_pieces, 2), dtype=np.int64)
    entry = np.empty(n_pieces + 1)
    passed = np.empty((n_pieces + 1, run_kernel.PASS_COLUMNS))
    state = np.zeros(motion.STATE_COLUMNS)
    n_nodes, n_log = n_pieces + 1000, 4 * n_pieces + 1000
    while True:
        nodes = np.empty((n_nodes, ceiling.NODE_COLUMNS))
        status = ceiling.build_braking_curves(
            state, encoded.pieces, train_row, effort[-1], nodes, spans, entry
        )
        if status != ceiling.NODES_FULL:
            break
        n_nodes *= 4
    while status == ceiling.FINE:
        log = np.empty((n_log, driving.LOG_COLUMNS))
        state[:] = 0.0
        state[motion.X], state[motion.V] = encoded.cuts[0], start_speed_ms
        state[motion.STEP] = 1.0
        status = run_kernel.run_train(
            state, encoded.pieces, train_row, effort, nodes, spans, passed, log
        )
        n_logged = int(state[motion.LOGGED])
        if n_logged <= n_log:
            break
        n_log = n_logged
    if status != ceiling.FINE:
        raise _explain_failure(status, state)
    return Run(state, passed, log[:n_logged])


def _explain_failure(status: int, state: "Vector") -> InfeasibleError | LimitError:
    """Word a kernel's fault code as the error to raise."""
    from arterial.running import ceiling_kernel as ceiling
    from arterial.running import motion_kernel as motion

    place = f"at {state[motion.FAULT_X]:.1f} m"
    gradient = f"a gradient of {state[motion.FAULT_GRADIENT]:.3g} permille"
    effort_kn = abs(state[motion.FAULT_EFFORT]) / 1000.0
    effort = f"an effort of {effort_kn:.1f} kN"
    resistance = f"and a train resistance of {state[motion.FAULT_RESISTANCE] / 1000.0:.1f} kN"
    speed = f"{ms_to_kmh(state[motion.V]):.1f} km/h"
    if status == ceiling.CANNOT_START:
        message = f"The train cannot start {place}: {effort} against {gradient} {resistance}."
        return InfeasibleError(message)
    if status == ceiling.STALLED:
        message = f"The train comes to a stand {place}: {effort} against {gradient} {resistance}."
        return InfeasibleError(message)
    if status in {ceiling.CANNOT_BRAKE, ceiling.CANNOT_HOLD}:
        task = "slow the train" if status == ceiling.CANNOT_BRAKE else f"hold the train at {speed}"
        brake = f"a brake force of {effort_kn:.1f} kN"
        return InfeasibleError(f"The brake cannot {task} {place}: {brake} on {gradient}.")
    if status == ceiling.TOO_FAST:
        message = f"The speed of {speed} {place} is above what limits and braking curves allow."
        return LimitError(message)
    return InfeasibleError(f"The run makes no progress {place} at {speed} on {gradient}.")


def _read_run(
    path: PathProfile,
    encoded: "EncodedPath",
    run: Run,
    inertia_kg: float,
    points_m: Sequence[float],
) -> RunningTime:
    """Running time in the units of the user."""
    import numpy as np

    from arterial.running import motion_kernel as motion
    from arterial.running import run_kernel

    start, end = encoded.cuts[0], encoded.cuts[-1]
    places = np.unique(np.concatenate([[start], path.position_m, path.stop_position_m, points_m]))
    places = places[(places >= start) & (places <= end)]
    at_places = np.searchsorted(encoded.cuts, places - SAME_PLACE_M)
    speeds_ms = run.passed[:, run_kernel.PASS_SPEED]
    inside = run.passed[1:-1]
    dwell = inside[:, run_kernel.PASS_DEPARTURE] - inside[:, run_kernel.PASS_ARRIVAL]
    return RunningTime(
        total_time_s=float(run.passed[-1, run_kernel.PASS_ARRIVAL]),
        dwell_s=float(dwell.sum()),
        traction_energy_j=float(run.state[motion.TRACTION]),
        braking_energy_j=float(run.state[motion.BRAKING]),
        resistance_work_j=float(run.state[motion.RESISTANCE]),
        potential_energy_j=float(run.state[motion.GRADE]),
        kinetic_energy_j=float(0.5 * inertia_kg * (speeds_ms[-1] ** 2 - speeds_ms[0] ** 2)),
        places=np.column_stack([places, run.passed[at_places]]),
        steps=run.log,
    )


def run_freely(
    path: PathProfile,
    train: Train,
    times_s: Sequence[float],
    *,
    kind: DriveKind = DriveKind.ACCELERATE,
    start_speed_ms: float = 0.0,
    step_tolerance: float = 1e-9,
) -> FreeRun:
    """Let a train accelerate or coast freely from the start of a path.

    Parameters
    ----------
    path : PathProfile
        Gradients and curves; its limits and stops are left out of account.
    train : Train
        The train; its top speed is left out of account.
    times_s : sequence of float
        Instants at which to look, increasing [s].
    kind : DriveKind
        ACCELERATE (full effort) or COAST (no effort).
    start_speed_ms : float
        Speed at the start [m/s].
    step_tolerance : float
        Error allowed to one step in speed [m/s].

    Returns
    -------
    FreeRun
        A train that came to a stand stays where it is.

    Raises
    ------
    LimitError
        For a kind that is neither, instants that do not increase, or a speed below 0.

    Examples
    --------
    With nothing but a constant force of 100 kN on 100 t: 1 m/s², so 50 m in 10 s.

    >>> from arterial.running.train import BrakeRule
    >>> train = Train(
    ...     mass_kg=100_000.0, length_m=20.0, resistance_a_n=0.0, resistance_b_n_per_ms=0.0,
    ...     resistance_c_n_per_ms2=0.0, effort_max_n=100_000.0, top_speed_ms=40.0,
    ...     brake_rule=BrakeRule.CONSTANT, brake_value=0.5, check_resistance=False)
    >>> path = PathProfile(
    ...     position_m=(0.0, 10_000.0), gradient_permille=(0.0,), speed_limit_kmh=(90.0,),
    ...     stop_position_m=(10_000.0,), stop_dwell_s=(0.0,))
    >>> round(run_freely(path, train, [10.0]).position_m[0], 6)
    50.0
    """
    if kind not in {DriveKind.ACCELERATE, DriveKind.COAST}:
        message = f"A free run accelerates or coasts; it cannot {kind!s}."
        raise LimitError(message)
    if not 0.0 <= start_speed_ms < inf:
        message = f"The speed at the start is {start_speed_ms:g} m/s; it must be 0 or more."
        raise LimitError(message)
    if list(times_s) != sorted(times_s) or (len(times_s) > 0 and times_s[0] < 0.0):
        message = "The instants of a free run must not be negative and must increase."
        raise LimitError(message)
    import numpy as np

    from arterial.running import ceiling_kernel as ceiling
    from arterial.running import encode, run_kernel
    from arterial.running import motion_kernel as motion

    row = encode.encode_train(train, tolerance=step_tolerance)
    effort = encode.encode_effort(train)[:-1]
    if kind == DriveKind.COAST:
        effort = np.zeros((1, motion.FORCE_COLUMNS))
        effort[0, motion.V_HIGH] = np.inf
    start = path.position_m[0]
    encoded = encode.encode_path(path, train, row, start_position_m=start)
    state = np.zeros(motion.STATE_COLUMNS)
    state[motion.X], state[motion.V], state[motion.STEP] = start, start_speed_ms, 1.0
    states = np.empty((len(times_s), 2))
    times = np.array(times_s, dtype=np.float64)
    status = run_kernel.run_freely(state, times, encoded.pieces, row, effort, states)
    if status == ceiling.STALLED and kind == DriveKind.ACCELERATE:
        raise _explain_failure(status, state)
    return FreeRun(
        time_s=tuple(times.tolist()),
        position_m=tuple(states[:, 0].tolist()),
        speed_ms=tuple(states[:, 1].tolist()),
    )
