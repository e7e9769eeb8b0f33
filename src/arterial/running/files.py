"""Files in and out of a running-time calculation: path from CSV, train from TOML, report to JSON.

`read_path_csv`, `read_train_toml` and `running_time_report` are gathered here for the command
line; `time_files` puts them in a row.
"""

from pathlib import Path
from typing import Any

from arterial.running.calculate import calculate_running_time
from arterial.running.path_file import read_path_csv
from arterial.running.report import running_time_report
from arterial.running.train_file import TrainFile, read_train_toml

__all__ = [
    "TrainFile",
    "read_path_csv",
    "read_train_toml",
    "running_time_report",
    "time_files",
]


def time_files(path_file: Path | str, train_file: Path | str) -> dict[str, Any]:
    """Report of the running time of a train file over a path file.

    Parameters
    ----------
    path_file, train_file : path
        CSV of the path and TOML of the train.

    Returns
    -------
    dict
        As `running_time_report` gives it, with the train's name and the defaults used.
    """
    path = read_path_csv(path_file)
    read = read_train_toml(train_file)
    result = calculate_running_time(
        path,
        read.train,
        start_position_m=read.start_position_m,
        start_speed_kmh=read.start_speed_kmh,
    )
    report = running_time_report(result, path)
    return {"train": read.name, **report, "defaults": list(read.defaults)}
