"""Free running: a train under full effort or coasting, without limits, stops or brake.

`run_freely` answers where a train is and how fast after given times; it shows the equation of
motion alone and is what acceleration and coasting trials are compared with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from arterial.errors import LimitError
from arterial.running.calculate import explain_failure
from arterial.running.path import PathProfile
from arterial.running.result import DriveKind
from arterial.running.train import Train

__all__ = ["FreeRun", "run_freely"]


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
        raise explain_failure(status, state)
    return FreeRun(
        time_s=tuple(times.tolist()),
        position_m=tuple(states[:, 0].tolist()),
        speed_ms=tuple(states[:, 1].tolist()),
    )
