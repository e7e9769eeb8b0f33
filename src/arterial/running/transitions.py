"""What a train does, and where it begins to do something else."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["DriveKind", "Transition"]


class DriveKind(StrEnum):
    """What the train does over a step."""

    ACCELERATE = "accelerate"
    """Full effort, the speed rises."""
    CRUISE = "cruise"
    """The speed is held, with effort or with the brake."""
    COAST = "coast"
    """No effort and no brake."""
    BRAKE = "brake"
    """On a braking curve."""
    STOP = "stop"
    """At a stand."""
    SLOW = "slow"
    """Full effort, yet the gradient takes speed away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Where the train begins to do something else.

    Parameters
    ----------
    position_m : float
        Position of the head [m].
    time_s : float
        Time since the start of the run [s].
    speed_kmh : float
        Speed [km/h].
    kind : DriveKind
        What begins.
    """

    position_m: float
    time_s: float
    speed_kmh: float
    kind: DriveKind
