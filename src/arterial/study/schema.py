"""What every table and column is: the attribute files, read once.

The main functions are `load_schema` (one table) and `list_tables` (their names). The files
``schema/*.csv`` in this package are the only place where a column is described; reading,
checking, defaults, documentation and result tables all follow from them (architecture §1).
"""

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from arterial.errors import LimitError
from arterial.study.faults import find_near_names

__all__ = [
    "Attribute",
    "AttributeStatus",
    "AttributeType",
    "Reference",
    "TableRole",
    "TableSchema",
    "list_tables",
    "load_schema",
]


class AttributeType(StrEnum):
    """What kind of value a column holds."""

    IDENTIFIER = "identifier"
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CLOCK_TIME = "clock_time"
    ZONE = "zone"
    LIST = "list"


class AttributeStatus(StrEnum):
    """Whether a value must be given: key, required, optional, or computed (result)."""

    KEY = "key"
    REQUIRED = "required"
    OPTIONAL = "optional"
    RESULT = "result"


class TableRole(StrEnum):
    """Whether a table is given (input) or computed (result)."""

    INPUT = "input"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Reference:
    """The table and column that the values of a column must occur in."""

    table: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """One column of a table.

    Parameters
    ----------
    name : str
        Column name.
    type : AttributeType
        Kind of value.
    unit : str
        Unit; empty where there is none.
    default : str or None
        Value that `apply_defaults` puts where a cell is empty, as text.
    minimum, maximum : float or None
        Range that a value must lie in, ends included.
    allowed : tuple of str
        The only values there may be; empty when any is.
    reference : Reference or None
        Where each value must occur as a key.
    status : AttributeStatus
        Whether a value must be given.
    term, description, source : str
        The field's standard term, the meaning, and where both come from.
    """

    name: str
    type: AttributeType
    unit: str
    default: str | None
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    reference: Reference | None
    status: AttributeStatus
    term: str
    description: str
    source: str

    @property
    def is_key(self) -> bool:
        """Whether the column is part of the key."""
        return self.status is AttributeStatus.KEY

    @property
    def is_needed(self) -> bool:
        """Whether a cell may not be empty: a key or required column without a default."""
        is_demanded = self.status in {AttributeStatus.KEY, AttributeStatus.REQUIRED}
        return is_demanded and self.default is None

    @property
    def has_number_items(self) -> bool:
        """Whether the column is a list of numbers: a list that has a unit (``gauges_mm``)."""
        return self.type is AttributeType.LIST and bool(self.unit)


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: its name, what it holds, and its columns in order.

    Parameters
    ----------
    name : str
        Table name, also the file's name without ``.csv``.
    role : TableRole
        Input or result.
    folder : str
        Folder inside the study; empty for the study folder itself.
    description : str
        What one row is.
    attributes : tuple of Attribute
        The columns, in the order in which they are written.
    """

    name: str
    role: TableRole
    folder: str
    description: str
    attributes: tuple[Attribute, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(attribute.name for attribute in self.attributes)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that together name a row."""
        return tuple(attribute.name for attribute in self.attributes if attribute.is_key)

    @property
    def file(self) -> str:
        """File of the table, relative to the study folder."""
        return f"{self.folder}/{self.name}.csv" if self.folder else f"{self.name}.csv"

    def attribute(self, name: str) -> Attribute:
        """Give the attribute called `name`.

        Raises
        ------
        LimitError
            When the table has no such column; near names are given.
        """
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        near = _near_text(name, self.columns)
        message = f"Table {self.name} has no column {name!r}.{near}"
        raise LimitError(message)


@cache
def list_tables(role: TableRole | None = None) -> tuple[str, ...]:
    """Names of all tables, or of those of one role, in the order of the schema.

    Examples
    --------
    >>> list_tables()[:3]
    ('railways', 'operational_points', 'lines')
    >>> "trips" in list_tables(TableRole.RESULT)
    True
    """
    return tuple(
        row["table"] for row in _table_rows().values() if role is None or row["role"] == role
    )


@cache
def load_schema(table: str) -> TableSchema:
    """Give the schema of a table.

    Raises
    ------
    LimitError
        When there is no such table; near names are given.

    Examples
    --------
    >>> load_schema("line_points").key
    ('line_id', 'sequence')
    """
    row = _table_rows().get(table)
    if row is None:
        near = _near_text(table, tuple(_table_rows()))
        message = f"There is no table {table!r}.{near}"
        raise LimitError(message)
    return TableSchema(
        name=table,
        role=TableRole(row["role"]),
        folder=row["folder"],
        description=row["description"],
        attributes=tuple(_parse_attribute(record) for record in _read_packaged(f"{table}.csv")),
    )


@cache
def _table_rows() -> dict[str, dict[str, str]]:
    return {row["table"]: row for row in _read_packaged("tables.csv")}


def _read_packaged(file: str) -> list[dict[str, str]]:
    text = files("arterial.study").joinpath("schema", file).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), strict=True))


def _parse_attribute(record: dict[str, str]) -> Attribute:
    return Attribute(
        name=record["name"],
        type=AttributeType(record["type"]),
        unit=record["unit"],
        default=record["default"] or None,
        minimum=float(record["minimum"]) if record["minimum"] else None,
        maximum=float(record["maximum"]) if record["maximum"] else None,
        allowed=tuple(record["allowed"].split(";")) if record["allowed"] else (),
        reference=_parse_reference(record["refers_to"]),
        status=AttributeStatus(record["status"]),
        term=record["term"],
        description=record["description"],
        source=record["source"],
    )


def _parse_reference(text: str) -> Reference | None:
    if not text:
        return None
    table, attribute = text.split(".")
    return Reference(table, attribute)


def _near_text(name: str, known: tuple[str, ...]) -> str:
    near = find_near_names(name, known)
    return f" Did you mean {', '.join(near)}?" if near else ""
