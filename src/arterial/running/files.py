"""Files in and out of a running-time calculation: path from CSV, train from TOML, report to JSON.

`read_path_csv`, `read_train_toml` and `running_time_report` are gathered here for the command
line; `time_files` puts them in a row.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from arterial.errors import LimitError
from arterial.running.calculate import calculate_running_time
from arterial.running.credible import find_doubtful
from arterial.running.path import PathProfile
from arterial.running.path_file import read_path_csv
from arterial.running.result import RunningTime
from arterial.running.supplement import (
    ALLOWANCES,
    SpeedRestriction,
    add_allowance,
    restrict_path,
)
from arterial.running.train_file import TrainFile, read_train_toml

__all__ = ["TrainFile", "read_path_csv", "read_train_toml", "running_time_report", "time_files"]


def time_files(
    path_file: Path | str,
    train_file: Path | str,
    *,
    restrictions: Sequence[SpeedRestriction] = (),
    allowance: str | None = None,
) -> dict[str, Any]:
    """Report of the running time of a train file over a path file.

    Parameters
    ----------
    path_file, train_file : path
        CSV of the path and TOML of the train.
    restrictions : sequence of SpeedRestriction
        Temporary speed restrictions laid on the path.
    allowance : str, optional
        Name of a regularity margin, as in `arterial.running.supplement.ALLOWANCES`.

    Returns
    -------
    dict
        As `running_time_report` gives it, with the train's name, defaults used, warnings and, with
        an allowance, allowance_s and time_with_allowance_s (dwell times get no margin).

    Raises
    ------
    LimitError
        If there is no such allowance, or a restriction is empty.
    """
    margin = ALLOWANCES.get(allowance) if allowance else None
    if allowance and margin is None:
        message = f"There is no allowance {allowance!r}. There are: {', '.join(ALLOWANCES)}."
        raise LimitError(message)
    path = restrict_path(read_path_csv(path_file), restrictions)
    read = read_train_toml(train_file)
    result = calculate_running_time(
        path,
        read.train,
        start_position_m=read.start_position_m,
        start_speed_kmh=read.start_speed_kmh,
    )
    report = running_time_report(result, path)
    if margin is not None:
        length_m = result.passings[-1].position_m - result.passings[0].position_m
        extended_s = add_allowance(result.running_time_s, length_m, margin)
        report["allowance_s"] = extended_s - result.running_time_s
        report["time_with_allowance_s"] = extended_s + result.dwell_s
    return {
        "train": read.name,
        **report,
        "defaults": list(read.defaults),
        "warnings": find_doubtful(read.train),
    }


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
