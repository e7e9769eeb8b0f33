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
from arterial.running.path_file import read_path_csv
from arterial.running.report import running_time_report
from arterial.running.supplement import (
    ALLOWANCES,
    SpeedRestriction,
    add_allowance,
    restrict_path,
)
from arterial.running.train_file import TrainFile, read_train_toml

__all__ = [
    "TrainFile",
    "read_path_csv",
    "read_train_toml",
    "running_time_report",
    "time_files",
]


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
