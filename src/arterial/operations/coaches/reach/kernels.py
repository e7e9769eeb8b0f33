"""Compiled access to the desk: element `row` of a field by the field's number."""

from arterial.operations.chance.kernels import compiled
from arterial.operations.coaches.desk import Desk

__all__ = ["get", "get_number", "put", "put_number"]


@compiled
def get(desk: Desk, field: int, row: int) -> int:
    """Integer of a field."""
    return desk.ints[desk.at[field] + row]  # type: ignore[no-any-return]


@compiled
def put(desk: Desk, field: int, row: int, value: int) -> None:
    """Set an integer of a field."""
    desk.ints[desk.at[field] + row] = value


@compiled
def get_number(desk: Desk, field: int, row: int) -> float:
    """Number of a field."""
    return desk.numbers[desk.at[field] + row]  # type: ignore[no-any-return]


@compiled
def put_number(desk: Desk, field: int, row: int, value: float) -> None:
    """Set a number of a field."""
    desk.numbers[desk.at[field] + row] = value
