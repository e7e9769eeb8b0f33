"""Words shared by the rules of compatibility: verdicts, findings and how values are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arterial.study import split_list

__all__ = [
    "Finding",
    "Row",
    "Surroundings",
    "Verdict",
    "find_unknown",
    "read_list",
    "read_number",
]

Row = dict[str, object]

FIELD_WORDS: Final[Mapping[str, str]] = {
    "gauges_mm": "gauge",
    "loading_gauge": "loading gauge",
    "axle_load_t": "axle load",
    "maximum_axle_load_t": "axle load that is allowed",
    "top_speed_kmh": "top speed",
    "passenger_speed_limit_kmh": "speed limit",
    "couplers": "coupler",
    "brake_pipe_bar": "brake pipe pressure",
    "heating": "heating",
}
"""Words for the columns that are compared."""


class Verdict(StrEnum):
    """What a comparison comes to."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one comparison.

    Parameters
    ----------
    verdict : Verdict
        What it comes to.
    coach_value, other_value : str or None
        What was compared; None = unknown.
    explanation : str
        Why, in words.
    """

    verdict: Verdict
    coach_value: str | None
    other_value: str | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule may look at besides the coach and its subject.

    Parameters
    ----------
    gauge_changes : tuple of dict
        Rows of ``change_points`` of kind gauge at points on the coach's way.
    common_gauges : frozenset of str
        Gauges that every section of the way has [mm].
    """

    gauge_changes: tuple[Row, ...]
    common_gauges: frozenset[str]


def find_unknown(coach: Row, coach_field: str, other: Row, other_field: str) -> Finding | None:
    """Finding that names the fields that are unknown; None when both are known."""
    coach_value, other_value = coach.get(coach_field), other.get(other_field)
    bearers = {
        "coach": coach_field if coach_value is None else None,
        "train" if "train_id" in other else "section": other_field if other_value is None else None,
    }
    missing = {bearer: FIELD_WORDS[field] for bearer, field in bearers.items() if field}
    if not missing:
        return None
    return Finding(
        Verdict.UNKNOWN,
        None if coach_value is None else str(coach_value),
        None if other_value is None else str(other_value),
        _write_missing(missing),
    )


def _write_missing(missing: Mapping[str, str]) -> str:
    """What is unknown of whom, in one sentence."""
    words = list(dict.fromkeys(missing.values()))
    bearers = [f"the {bearer}" for bearer in missing]
    if len(words) == 1:
        return f"The {words[0]} of {' and of '.join(bearers)} is unknown."
    parts = [f"the {word} of {bearer}" for word, bearer in zip(words, bearers, strict=True)]
    return f"T{' and '.join(parts)[1:]} are unknown."


def read_list(row: Row, field: str) -> tuple[str, ...]:
    """Items of a list cell."""
    value = row.get(field)
    return split_list(None if value is None else str(value))


def read_number(row: Row, field: str) -> float:
    """Number in a cell that is known."""
    return float(str(row[field]))
