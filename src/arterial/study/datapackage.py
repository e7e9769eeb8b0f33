"""The study as a Frictionless Data Package, so that other tools can open and check it.

The main function is `write_datapackage`; the descriptor follows the specification's version 1
(tabular data package) and is made from the schema alone.
"""

import json
from pathlib import Path
from typing import Any, Final

from arterial.errors import Fault, StudyError
from arterial.study.csvtext import read_csv_file
from arterial.study.reader import read_study
from arterial.study.schema import (
    Attribute,
    AttributeType,
    Reference,
    TableRole,
    TableSchema,
    list_tables,
    load_schema,
)
from arterial.writing import write_whole

__all__ = ["DATAPACKAGE_FILE", "build_datapackage", "write_datapackage"]

DATAPACKAGE_FILE: Final = "datapackage.json"

_FIELD_TYPES: Final = {
    AttributeType.INTEGER: "integer",
    AttributeType.NUMBER: "number",
    AttributeType.BOOLEAN: "boolean",
    AttributeType.DATE: "date",
}
_CLOCK_PATTERN: Final = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"


def write_datapackage(path: str | Path) -> Path:
    """Write ``datapackage.json`` beside the tables of a study.

    Parameters
    ----------
    path : str or Path
        Folder of a study without errors.

    Returns
    -------
    Path
        The descriptor, which is replaced if it is there.

    Raises
    ------
    StudyError
        When the study has errors, which the descriptor would only repeat.
    """
    folder = Path(path)
    text = json.dumps(build_datapackage(folder), indent=2, ensure_ascii=False) + "\n"
    return write_whole(folder / DATAPACKAGE_FILE, text)


def build_datapackage(path: str | Path) -> dict[str, Any]:
    """Descriptor of a study as plain values.

    Parameters
    ----------
    path : str or Path
        Folder of a study without errors.

    Raises
    ------
    StudyError
        When the study has errors.
    """
    folder = Path(path)
    settings = read_study(folder).settings
    headers = _read_headers(folder)
    resources = [_describe_table(load_schema(name), headers) for name in headers]
    if not resources:
        fault = Fault("The study has no table with rows.", "Fill a table first.")
        message = "There is nothing to describe"
        raise StudyError(message, [fault])
    return {
        "profile": "tabular-data-package",
        "name": settings.name.lower(),
        "title": settings.title,
        "description": settings.summary,
        "resources": resources,
    }


def _read_headers(folder: Path) -> dict[str, tuple[str, ...]]:
    """Columns of each table that has rows, in the order of its file."""
    headers = {}
    for name in list_tables(TableRole.INPUT):
        schema = load_schema(name)
        if (folder / schema.file).is_file():
            raw = read_csv_file(folder / schema.file, schema.file)
            if raw.rows:
                headers[name] = tuple(raw.columns)
    return headers


def _describe_table(schema: TableSchema, headers: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    columns = headers[schema.name]
    attributes = [schema.attribute(column) for column in columns]
    foreign_keys = [
        _describe_reference(attribute.name, attribute.reference, schema.name)
        for attribute in attributes
        if attribute.reference is not None and attribute.reference.table in headers
    ]
    return {
        "profile": "tabular-data-resource",
        "name": schema.name,
        "path": schema.file,
        "description": schema.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_describe_field(attribute) for attribute in attributes],
            "missingValues": [""],
            "primaryKey": [column for column in schema.key if column in columns],
            "foreignKeys": foreign_keys,
        },
    }


def _describe_reference(column: str, reference: Reference, table: str) -> dict[str, Any]:
    resource = "" if reference.table == table else reference.table
    return {
        "fields": [column],
        "reference": {"resource": resource, "fields": [reference.attribute]},
    }


def _describe_field(attribute: Attribute) -> dict[str, Any]:
    unit = f" [{attribute.unit}]" if attribute.unit else ""
    return {
        "name": attribute.name,
        "type": _FIELD_TYPES.get(attribute.type, "string"),
        "title": attribute.term,
        "description": f"{attribute.description}{unit}",
        "constraints": _describe_constraints(attribute),
    }


def _describe_constraints(attribute: Attribute) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if attribute.is_needed:
        constraints["required"] = True
    for name, bound in (("minimum", attribute.minimum), ("maximum", attribute.maximum)):
        if bound is not None:
            is_whole = attribute.type is AttributeType.INTEGER
            constraints[name] = int(bound) if is_whole else bound
    if attribute.allowed and attribute.type is not AttributeType.LIST:
        constraints["enum"] = list(attribute.allowed)
    if attribute.type is AttributeType.CLOCK_TIME:
        constraints["pattern"] = _CLOCK_PATTERN
    return constraints
