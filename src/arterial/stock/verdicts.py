"""Words shared by the rules of compatibility: verdicts, findings and how values are read."""

from dataclasses import dataclass
from enum import StrEnum

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
    missing = []
    if coach_value is None:
        missing.append(f"{coach_field} of the coach")
    if other_value is None:
        missing.append(f"{other_field} of the {'train' if 'train_id' in other else 'section'}")
    if not missing:
        return None
    return Finding(
        Verdict.UNKNOWN,
        None if coach_value is None else str(coach_value),
        None if other_value is None else str(other_value),
        f"Unknown: {', '.join(missing)}.",
    )


def read_list(row: Row, field: str) -> tuple[str, ...]:
    """Items of a list cell."""
    value = row.get(field)
    return split_list(None if value is None else str(value))


def read_number(row: Row, field: str) -> float:
    """Number in a cell that is known."""
    return float(str(row[field]))
