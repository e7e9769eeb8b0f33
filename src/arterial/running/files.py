"""Files in and out of a running-time calculation: path from CSV, train from TOML, report to JSON.

`read_path_csv`, `read_train_toml` and `running_time_report` are gathered here for the command
line; `time_files` puts them in a row.

A path has the columns ``position_m``, ``gradient_permille``, ``speed_limit_kmh``, and optionally
``curve_radius_m``, ``stop_s`` and ``name``. The values of a row hold from its position to the next;
the last row ends the path, where the train stops.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from io import StringIO
from math import isnan, nan
from pathlib import Path
from typing import Any, Final

from arterial.errors import Fault, StudyError, UsageError
from arterial.running.calculate import calculate_running_time
from arterial.running.credible import find_doubtful
from arterial.running.path import (
    FASTEST_KMH,
    LONGEST_M,
    STEEPEST_PERMILLE,
    TIGHTEST_RADIUS_M,
    PathProfile,
)
from arterial.running.result import RunningTime
from arterial.running.supplement import (
    ALLOWANCES,
    SpeedRestriction,
    add_allowance,
    restrict_path,
)
from arterial.running.train_file import TrainFile, read_train_toml
from arterial.study.csvtext import read_bounded
from arterial.units import DAY_S

__all__ = ["TrainFile", "read_path_csv", "read_train_toml", "running_time_report", "time_files"]

NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
LEAST_ROWS: Final = 2
LONGEST_DWELL_S: Final = 30.0 * DAY_S
REQUIRED: Final = ("position_m", "gradient_permille", "speed_limit_kmh")
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "position_m": (-LONGEST_M, LONGEST_M),
    "gradient_permille": (-STEEPEST_PERMILLE, STEEPEST_PERMILLE),
    "speed_limit_kmh": (0.1, FASTEST_KMH),
    "curve_radius_m": (TIGHTEST_RADIUS_M, LONGEST_M),
    "stop_s": (0.0, LONGEST_DWELL_S),
}
COLUMNS: Final = (*RANGES, "name")
SEPARATORS: Final = {";": "semicolons", "\t": "tabs"}


@dataclass(slots=True)
class CsvPath:
    """Cells read so far and the faults found in them.

    Parameters
    ----------
    file : str
        Name of the file in faults.
    cells : dict of str to list of float
        Numbers by column; NaN where a cell is empty or faulty.
    names : list of str
        Names by row.
    lines : list of int
        Line of each row in the file.
    faults : list of Fault
        Faults found.
    """

    file: str
    cells: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in RANGES})
    names: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, cause: str, cure: str, line: int | None = None, column: str = "") -> None:
        """Note a fault."""
        place = column or None
        self.faults.append(Fault(cause, cure, file=self.file, row=line, column=place))


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
        raise UsageError(message)
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


def read_path_csv(file: Path | str) -> PathProfile:
    """Path profile from a CSV file.

    Parameters
    ----------
    file : path
        The file, UTF-8 with a header; see the module's description for its columns. A value of
        ``stop_s`` makes the train stop at the row's position for that time [s].

    Returns
    -------
    PathProfile
        The path.

    Raises
    ------
    StudyError
        With every fault found, each with file, row, column and cure.
    """
    file = Path(file)
    table = CsvPath(file.name)
    rows = _drop_empty_columns(read_rows(file), table)
    header = _check_header(rows[0] if rows else [], table)
    body = [(line, row) for line, row in enumerate(rows[1:], start=2) if any(map(str.strip, row))]
    if not table.faults:
        for line, row in body:
            is_last = line == body[-1][0]
            _read_row(dict(zip(header, row, strict=False)), line, table, is_last=is_last)
            if len(row) != len(header):
                cause = f"The row has {len(row)} cells, the header has {len(header)}."
                table.refuse(cause, "Give each row a cell for each column.", line)
        _check_rows(table)
    if table.faults:
        message = f"The path {file.name} is faulty."
        raise StudyError(message, table.faults)
    return _build_path(table)


def read_rows(file: Path) -> list[list[str]]:
    """Rows of a CSV file as text, or a `StudyError` that says why it cannot be read."""
    try:
        text = read_bounded(file).decode("utf-8-sig")
        return list(csv.reader(StringIO(text, newline=""), strict=True))
    except OSError as error:
        cause, cure = f"It cannot be read: {error.strerror}.", "Check its name and its place."
    except UnicodeDecodeError:
        cause, cure = "It is not UTF-8 text.", "Save it as CSV in UTF-8."
    except csv.Error as error:
        cause, cure = f"It is not CSV: {error}.", "Check quotes and separators."
    message = f"The path {file.name} cannot be read."
    raise StudyError(message, [Fault(cause, cure, file=file.name)])


def _drop_empty_columns(rows: list[list[str]], table: CsvPath) -> list[list[str]]:
    """Rows without the columns that a spreadsheet left empty; cells without a name are a fault."""
    width = max(map(len, rows), default=0)
    header = rows[0] if rows else []
    kept = []
    for place in range(width):
        name = header[place].strip() if place < len(header) else ""
        cells = [row[place] for row in rows[1:] if place < len(row)]
        filled = next((n for n, cell in enumerate(cells, 2) if cell.strip()), None)
        if name or (filled is not None and place >= len(header)):
            kept.append(place)
        elif filled is not None:
            cause = f"Column {place + 1} has cells and no name in the header."
            table.refuse(cause, "Name the column, or empty its cells.", 1)
    return [[row[place] for place in kept if place < len(row)] for row in rows]


def _check_header(cells: Sequence[str], table: CsvPath) -> list[str]:
    """Names of the columns; unknown, missing and repeated ones are faults."""
    header = [cell.strip() for cell in cells]
    for separator, word in SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            cause = f"The columns are separated by {word}."
            table.refuse(cause, "Save it with commas, and with points in numbers.", 1)
            return header
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            fault = Fault(
                f"The column {name!r} is unknown.",
                f"Known columns: {', '.join(COLUMNS)}.",
                file=table.file,
                row=1,
                column=name,
                near=tuple(get_close_matches(name, COLUMNS, n=2)),
            )
            table.faults.append(fault)
        if header.count(name) > 1:
            table.refuse(f"The column {name!r} stands more than once.", "Keep one.", 1, name)
    for name in REQUIRED:
        if name not in header:
            table.refuse(f"The column {name!r} is missing.", "Add it.", 1, name)
    return header


def _read_row(row: Mapping[str, str], line: int, table: CsvPath, *, is_last: bool) -> None:
    """Read the cells of one row; the last row needs nothing but its position."""
    table.lines.append(line)
    table.names.append(row.get("name", "").strip())
    for name, (low, high) in RANGES.items():
        text = row.get(name, "").strip()
        value = float(text) if NUMBER.fullmatch(text) else nan
        table.cells[name].append(value)
        is_needed = name == "position_m" or (name in REQUIRED and not is_last)
        if not text:
            if is_needed:
                table.refuse("The cell is empty.", "Give a number.", line, name)
        elif isnan(value):
            table.refuse(f"{text!r} is not a number.", "Give a plain number.", line, name)
        elif not low <= value <= high and not (name == "curve_radius_m" and value == 0.0):
            cure = f"It must lie between {low:g} and {high:g}."
            table.refuse(f"{text} is out of range.", cure, line, name)


def _check_rows(table: CsvPath) -> None:
    """Faults that show only between rows."""
    if len(table.lines) < LEAST_ROWS:
        table.refuse("A path needs at least two rows.", "Add the row that ends it.")
    positions = table.cells["position_m"]
    for k in range(1, len(positions)):
        if positions[k] <= positions[k - 1]:
            cause = f"{positions[k]:g} does not lie beyond {positions[k - 1]:g}."
            cure = "Order the rows by distance."
            table.refuse(cause, cure, table.lines[k], "position_m")


def _build_path(table: CsvPath) -> PathProfile:
    """The path of faultless cells; a stop in the first row is the start itself."""
    cells = table.cells
    positions = cells["position_m"]
    stops = {
        place: dwell
        for place, dwell in zip(positions[1:], cells["stop_s"][1:], strict=True)
        if not isnan(dwell)
    }
    stops.setdefault(positions[-1], 0.0)
    return PathProfile(
        position_m=positions,
        gradient_permille=cells["gradient_permille"][:-1],
        speed_limit_kmh=cells["speed_limit_kmh"][:-1],
        curve_radius_m=cells["curve_radius_m"][:-1],
        stop_position_m=list(stops),
        stop_dwell_s=list(stops.values()),
        position_names=table.names if any(table.names) else (),
    )
