"""A running time as plain values for JSON: times, passings, transitions and works."""

from typing import Any

from arterial.running.path import PathProfile
from arterial.running.result import RunningTime

__all__ = ["running_time_report"]


def running_time_report(result: RunningTime, path: PathProfile | None = None) -> dict[str, Any]:
    """A running time as JSON-ready values, units in the keys.

    Parameters
    ----------
    result : RunningTime
        The running time.
    path : PathProfile or None
        The path; gives its names to the positions.

    Returns
    -------
    dict
        total_time_s, running_time_s, dwell_s, mean_speed_kmh, the works at the wheel, and the
        lists positions and transitions.
    """
    names: dict[float, str] = {}
    if path is not None:
        names = dict(zip(path.position_m, path.position_names, strict=False))
    return {
        "total_time_s": result.total_time_s,
        "running_time_s": result.running_time_s,
        "dwell_s": result.dwell_s,
        "mean_speed_kmh": result.mean_speed_kmh,
        "highest_speed_kmh": result.highest_speed_kmh,
        "traction_energy_j": result.traction_energy_j,
        "braking_energy_j": result.braking_energy_j,
        "resistance_work_j": result.resistance_work_j,
        "potential_energy_j": result.potential_energy_j,
        "kinetic_energy_j": result.kinetic_energy_j,
        "positions": [
            {
                "position_m": passing.position_m,
                "name": names.get(passing.position_m, ""),
                "arrival_s": passing.arrival_s,
                "departure_s": passing.departure_s,
                "speed_kmh": passing.speed_kmh,
            }
            for passing in result.passings
        ],
        "transitions": [
            {
                "position_m": transition.position_m,
                "time_s": transition.time_s,
                "speed_kmh": transition.speed_kmh,
                "kind": transition.kind.value,
            }
            for transition in result.transitions
        ],
    }
