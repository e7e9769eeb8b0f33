"""Rows of a parameter file: read strictly, with every fault at once.

The main function is `read_parameter_rows`. One row is one number with its range, unit, grade and
source; the file is checked row by row and against the shipped set, which says what there must be.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import polars as pl

from arterial.errors import Fault
from arterial.study.cells import parse_column
from arterial.study.csvtext import RawTable, read_csv_file
from arterial.study.faults import ERROR, find_near_names
from arterial.study.schema import Attribute, AttributeStatus, AttributeType, load_schema

__all__ = [
    "PARAMETER_COLUMNS",
    "PARAMETER_SCHEMA",
    "ParameterShape",
    "compare_parameter_rows",
    "read_parameter_rows",
]


class ParameterShape(StrEnum):
    """Shape of the distribution of a parameter between its low and high end."""

    FIXED = "fixed"
    TRIANGULAR = "triangular"
    UNIFORM = "uniform"
    LOGNORMAL = "lognormal"
    LOG_UNIFORM = "log_uniform"


def _column(
    name: str,
    description: str,
    *,
    kind: AttributeType = AttributeType.IDENTIFIER,
    is_required: bool = True,
    allowed: Sequence[str] = (),
) -> Attribute:
    return Attribute(
        name=name,
        type=kind,
        unit="",
        default=None,
        minimum=None,
        maximum=None,
        allowed=tuple(allowed),
        reference=None,
        status=AttributeStatus.REQUIRED if is_required else AttributeStatus.OPTIONAL,
        term="parameter",
        description=description,
        source="Arterial",
    )


_ASSETS: Final = load_schema("assets")
_KINDS: Final = (*_ASSETS.attribute("kind").allowed, "vehicle")

PARAMETER_COLUMNS: Final = (
    _column("model", "Model that takes it"),
    _column("parameter", "Name, with its unit where it has one"),
    _column("kind", "Kind of asset; empty = all", is_required=False, allowed=_KINDS),
    _column(
        "material",
        "Material; empty = all",
        is_required=False,
        allowed=_ASSETS.attribute("material").allowed,
    ),
    _column("value", "Best value", kind=AttributeType.NUMBER),
    _column("low", "Low end", kind=AttributeType.NUMBER),
    _column("high", "High end", kind=AttributeType.NUMBER),
    _column("unit", "Unit; 1 = none", kind=AttributeType.TEXT),
    _column("shape", "Shape between the ends", allowed=tuple(ParameterShape)),
    _column("grade", "How sure it is", allowed=_ASSETS.attribute("grade").allowed),
    _column("source", "Where it was read, or Arterial", kind=AttributeType.TEXT),
    _column("note", "Remark", kind=AttributeType.TEXT, is_required=False),
)
"""What each column of a parameter file holds."""

PARAMETER_SCHEMA: Final = {
    column.name: pl.Float64() if column.type is AttributeType.NUMBER else pl.String()
    for column in PARAMETER_COLUMNS
}

_KEY: Final = ("parameter", "kind", "material")


def read_parameter_rows(path: Path, file: str, faults: list[Fault]) -> pl.DataFrame:
    """Read a parameter file; what is wrong is added to `faults`.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        How faults name it.
    faults : list of Fault
        Receives every fault; what is only odd, such as an empty row, is passed over.

    Returns
    -------
    polars.DataFrame
        Columns of `PARAMETER_COLUMNS` and `row`, the line in the file; no rows when it has faults.
    """
    raw = read_csv_file(path, file)
    found = [*_errors(raw.faults), *_check_columns(raw, file)]
    columns: dict[str, list[object]] = {}
    if raw.is_readable and not found:
        for attribute in PARAMETER_COLUMNS:
            cells = raw.columns[attribute.name]
            values, cell_faults = parse_column(attribute, cells, raw.rows, file)
            found.extend(_errors(cell_faults))
            columns[attribute.name] = list(values)
    if columns:
        frame = pl.DataFrame(
            {**columns, "row": list(raw.rows)}, schema={**PARAMETER_SCHEMA, "row": pl.Int64()}
        )
        found.extend(_check_rows(frame, file))
    faults.extend(found)
    if found or not columns:
        return pl.DataFrame(schema={**PARAMETER_SCHEMA, "row": pl.Int64()})
    return frame


def compare_parameter_rows(frame: pl.DataFrame, shipped: pl.DataFrame, file: str) -> list[Fault]:
    """Faults of a set against the shipped one: missing, unknown, in another unit, or negative.

    Parameters
    ----------
    frame : polars.DataFrame
        The set, from `read_parameter_rows`.
    shipped : polars.DataFrame
        The shipped set.
    file : str
        How faults name the file.
    """
    return [
        *_missing(frame, shipped, file),
        *_strange(frame, shipped, file),
        *_negative(frame, shipped, file),
    ]


def _errors(faults: Iterable[Fault]) -> Iterator[Fault]:
    return (fault for fault in faults if fault.severity == ERROR)


def _missing(frame: pl.DataFrame, shipped: pl.DataFrame, file: str) -> Iterator[Fault]:
    there = set(frame.select(_KEY).iter_rows())
    for key in shipped.select(_KEY).iter_rows():
        if key not in there:
            shown = " / ".join(part for part in key if part)
            cure = "Copy its row from literature_2026.csv and change the number."
            yield Fault(f"Parameter {shown} is missing.", cure, file)


def _strange(frame: pl.DataFrame, shipped: pl.DataFrame, file: str) -> Iterator[Fault]:
    units = dict(shipped.select("parameter", "unit").iter_rows())
    for name, unit, row in frame.select("parameter", "unit", "row").iter_rows():
        if name not in units:
            near = find_near_names(name, units)
            cause = f"No model takes a parameter {name!r}."
            yield Fault(cause, "Correct the name, or remove the row.", file, row, "parameter", near)
        elif unit != units[name]:
            cause = f"{name} is in {unit!r}, not in {units[name]!r}."
            yield Fault(cause, f"Convert the numbers to {units[name]}.", file, row, "unit")


def _negative(frame: pl.DataFrame, shipped: pl.DataFrame, file: str) -> Iterator[Fault]:
    signed = set(shipped.filter(pl.col("low") < 0)["parameter"])
    for name, row in frame.filter(pl.col("low") < 0).select("parameter", "row").iter_rows():
        if name not in signed:
            cause = f"{name} cannot be negative."
            yield Fault(cause, "Give numbers from 0 up.", file, row, "low")


def _check_columns(raw: RawTable, file: str) -> Iterator[Fault]:
    if not raw.is_readable:
        return
    names = [column.name for column in PARAMETER_COLUMNS]
    for name in names:
        if name not in raw.columns:
            near = find_near_names(name, set(raw.columns) - set(names))
            yield Fault(f"Column {name} is missing.", "Add it.", file, 1, name, near)
    for name in raw.columns:
        if name not in names:
            near = find_near_names(name, names)
            cause = f"Column {name!r} is not known."
            yield Fault(cause, "Correct the name, or remove the column.", file, 1, name, near)


def _check_rows(frame: pl.DataFrame, file: str) -> Iterable[Fault]:
    seen: dict[tuple[object, ...], int] = {}
    for record in frame.iter_rows(named=True):
        key = tuple(record[name] for name in _KEY)
        if key in seen:
            cause = f"The parameter stands in row {seen[key]} already."
            yield Fault(cause, "Remove one of the rows.", file, record["row"], "parameter")
        seen.setdefault(key, record["row"])
        numbers = (record["low"], record["value"], record["high"])
        if None not in numbers and record["shape"] is not None:
            yield from _check_range(numbers, ParameterShape(record["shape"]), file, record["row"])


def _check_range(
    numbers: Sequence[float], shape: ParameterShape, file: str, row: int
) -> Iterator[Fault]:
    low, value, high = numbers
    if not low <= value <= high:
        cause = f"low {low}, value {value}, high {high} are out of order."
        yield Fault(cause, "Put them in the order low <= value <= high.", file, row, "value")
    elif shape is ParameterShape.FIXED and low < high:
        cause = "A fixed parameter has a range."
        yield Fault(cause, "Repeat the value in low and high, or name a shape.", file, row, "shape")
    elif shape in {ParameterShape.LOGNORMAL, ParameterShape.LOG_UNIFORM} and low <= 0:
        cause = f"A {shape} range must lie above zero; its low end is {low}."
        yield Fault(cause, "Raise the low end, or take another shape.", file, row, "low")
