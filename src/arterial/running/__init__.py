"""Running times: what a train takes over a path, how fast, where and with what energy.

`calculate_running_time` takes a `PathProfile` and a `Train` and gives a `RunningTime`.
"""

from arterial.running.calculate import FreeRun, calculate_running_time, run_freely
from arterial.running.path import PathProfile
from arterial.running.result import DriveKind, Passing, RunningTime, Transition
from arterial.running.train import BrakeRule, LimitRule, MassModel, Train

__all__ = [
    "BrakeRule",
    "DriveKind",
    "FreeRun",
    "LimitRule",
    "MassModel",
    "Passing",
    "PathProfile",
    "RunningTime",
    "Train",
    "Transition",
    "calculate_running_time",
    "run_freely",
]
