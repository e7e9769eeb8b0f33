"""The nomenclature and the settings: every column and every setting, made from their definitions.

The main functions are `nomenclature_markdown` and `settings_markdown`;
``python -m arterial.study.nomenclature [--settings] FILE`` writes a page.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from arterial.study.schema import Attribute, TableRole, TableSchema, list_tables, load_schema
from arterial.study.settings import Settings

__all__ = ["main", "nomenclature_markdown", "settings_markdown"]

_HEADINGS = (
    "column",
    "type",
    "unit",
    "status",
    "default",
    "range",
    "allowed values",
    "refers to",
    "term",
    "meaning",
    "source",
)


def nomenclature_markdown() -> str:
    """Nomenclature page as Markdown.

    Examples
    --------
    >>> nomenclature_markdown().splitlines()[0]
    '# Nomenclature'
    """
    lines = [
        "# Nomenclature",
        "",
        "Made from `src/arterial/study/schema`; change the files there, then run",
        "`python -m arterial.study.nomenclature docs/nomenclature.md`.",
        "",
        "An empty cell is unknown. *key* columns together name a row; *required* columns may not",
        "be empty unless they have a default; a *list* separates its items by semicolons.",
        "",
        "## Input tables",
        "",
    ]
    for name in list_tables(TableRole.INPUT):
        lines.extend(_describe_table(load_schema(name)))
    lines.extend(["## Result tables", "", "Written by a run, never read as input.", ""])
    for name in list_tables(TableRole.RESULT):
        lines.extend(_describe_table(load_schema(name)))
    return "\n".join(lines).rstrip("\n") + "\n"


def settings_markdown() -> str:
    """Page of all settings as Markdown.

    Examples
    --------
    >>> settings_markdown().splitlines()[0]
    '# Settings'
    """
    lines = [
        "# Settings",
        "",
        "What `study.toml` may hold. Made from `src/arterial/study/settings.py`; change the fields",
        "there, then run `python -m arterial.study.nomenclature --settings docs/settings.md`.",
        "",
        "A setting without a default has to be stated. An unknown key is an error.",
        "",
        "## The study",
        "",
        *_list_settings(Settings),
    ]
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            lines += [f"## `[{name}]`", "", f"{field.description}.", ""]
            lines += _list_settings(field.annotation)
    return "\n".join(lines).rstrip("\n") + "\n"


def _list_settings(model: type[BaseModel]) -> Iterator[str]:
    """Rows of the settings of one part, those of its own parts left out."""
    yield _row(("setting", "default", "range", "meaning"))
    yield _row(["---"] * 4)
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            continue
        yield _row(
            [f"`{name}`", _write_default(field), _write_bounds(field), field.description or ""]
        )
    yield ""


def _write_default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or value in {"", ()}:
        return "empty"
    return f"`{_write_value(value)}`"


def _write_value(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _write_bounds(field: FieldInfo) -> str:
    """Ends of the range, those that are outside it said to be so, or what is allowed."""
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{value.value}`" for value in kind)
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    return " ".join(
        f"{word} {_write_value(getattr(rule, name))}"
        for name, word in words.items()
        for rule in field.metadata
        if getattr(rule, name, None) is not None
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the page to the file named, or to standard output."""
    arguments = sys.argv[1:] if arguments is None else arguments
    is_of_settings = arguments[:1] == ["--settings"]
    page = settings_markdown() if is_of_settings else nomenclature_markdown()
    if files := arguments[is_of_settings:]:
        Path(files[0]).write_text(page, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(page)
    return 0


def _describe_table(schema: TableSchema) -> list[str]:
    description = schema.description[:1].upper() + schema.description[1:]
    file = (
        f"`{schema.file}`" if schema.role is TableRole.INPUT else f"`runs/…/{schema.name}.parquet`"
    )
    return [
        f"### {schema.name}",
        "",
        f"{description} File: {file}.",
        "",
        _row(_HEADINGS),
        _row(["---"] * len(_HEADINGS)),
        *(_row(_describe_attribute(attribute)) for attribute in schema.attributes),
        "",
    ]


def _describe_attribute(attribute: Attribute) -> list[str]:
    reference = attribute.reference
    return [
        f"`{attribute.name}`",
        attribute.type.value,
        attribute.unit,
        attribute.status.value,
        f"`{attribute.default}`" if attribute.default is not None else "",
        _describe_range(attribute),
        ", ".join(f"`{value}`" for value in attribute.allowed),
        f"`{reference.table}.{reference.attribute}`" if reference is not None else "",
        attribute.term,
        attribute.description,
        attribute.source,
    ]


def _describe_range(attribute: Attribute) -> str:
    low = "" if attribute.minimum is None else f"{attribute.minimum:.10g}"
    high = "" if attribute.maximum is None else f"{attribute.maximum:.10g}"
    return f"{low} to {high}".strip() if low or high else ""


def _row(cells: list[str] | tuple[str, ...]) -> str:
    escaped = " | ".join(cell.replace("|", "\\|") for cell in cells)
    return f"| {escaped} |"


if __name__ == "__main__":
    raise SystemExit(main())
