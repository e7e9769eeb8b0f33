"""The running-time calculator alone, as text for a terminal."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from arterial.errors import Fault, UsageError
from arterial.running.files import time_files
from arterial.running.supplement import SpeedRestriction
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["format_running_time", "read_restrictions", "time_files"]

MEGA: Final = 1e6
MOST_ROWS: Final = 40
NUMBER: Final = r"(\d+(?:\.\d+)?)"
RESTRICTION: Final = re.compile(rf"{NUMBER}-{NUMBER}:{NUMBER}")


def read_restrictions(texts: Sequence[str]) -> tuple[SpeedRestriction, ...]:
    """Speed restrictions from their short form.

    Parameters
    ----------
    texts : sequence of str
        Each ``FROM-TO:SPEED``, with from and to in metres and speed in km/h.

    Returns
    -------
    tuple of SpeedRestriction
        The restrictions.

    Raises
    ------
    LimitError
        Naming every text that has another form.

    Examples
    --------
    >>> read_restrictions(["200-400:40"])
    (SpeedRestriction(start_m=200.0, end_m=400.0, speed_limit_kmh=40.0),)
    """
    matches = [RESTRICTION.fullmatch(text.strip()) for text in texts]
    faults = [
        Fault(f"{text!r} is no restriction.", "Write FROM-TO:SPEED in m and km/h: 200-400:40.")
        for text, match in zip(texts, matches, strict=True)
        if match is None
    ]
    if faults:
        message = "A speed restriction cannot be read."
        raise UsageError(message, faults)
    values = [[float(part) for part in match.groups()] for match in matches if match is not None]
    return tuple(
        SpeedRestriction(start_m=start_m, end_m=end_m, speed_limit_kmh=speed_kmh)
        for start_m, end_m, speed_kmh in values
    )


def format_running_time(report: Mapping[str, Any]) -> str:
    """A running-time report as aligned text.

    Parameters
    ----------
    report : mapping
        As :func:`arterial.running.files.time_files` gives it.

    Returns
    -------
    str
        Totals, transitions and the times at the positions of the path.
    """
    in_words = f"{_format_duration(report['total_time_s'])}, of it {report['dwell_s']:.0f} s dwell"
    lines = [
        f"Total time        {report['total_time_s']:14.3f} s   ({in_words})",
        *(
            [f"With allowance    {report['time_with_allowance_s']:14.3f} s"]
            if "time_with_allowance_s" in report
            else []
        ),
        f"Traction energy   {report['traction_energy_j'] / MEGA:14.3f} MJ at the wheel",
        f"Mean speed        {report['mean_speed_kmh']:14.3f} km/h",
        "",
        *_format_rows(
            "transition",
            report["transitions"],
            ("position_m", "time_s", "speed_kmh", "kind"),
        ),
        "",
        *_format_rows(
            "position",
            report["positions"],
            ("position_m", "arrival_s", "departure_s", "speed_kmh", "name"),
        ),
    ]
    lines += [f"Warning: {text}" for text in report.get("warnings", ())]
    lines += [f"Default used: {text}" for text in report.get("defaults", ())]
    return "\n".join(lines)


def _format_duration(seconds: float) -> str:
    """A duration in hours, minutes and seconds.

    Examples
    --------
    >>> _format_duration(3725.4)
    '1 h 02 min 05 s'
    """
    whole = round(seconds)
    hours, rest = divmod(whole, HOUR_S)
    minutes, rest = divmod(rest, MINUTE_S)
    return f"{hours} h {minutes:02d} min {rest:02d} s"


def _format_rows(noun: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Records as aligned lines under a heading, cut where there are very many."""
    lines = ["".join(f"{column:>14}" for column in columns)]
    for row in rows[:MOST_ROWS]:
        values = (row[column] for column in columns)
        lines.append(
            "".join(f"{v:14.3f}" if isinstance(v, float) else f"{v:>14}" for v in values).rstrip()
        )
    if len(rows) > MOST_ROWS:
        lines.append(f"... {len(rows) - MOST_ROWS} more {noun}s; --json lists all")
    return lines
