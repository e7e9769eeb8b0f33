"""The nomenclature: every table and column on one page, made from the schema.

The main function is `nomenclature_markdown`; ``python -m arterial.study.nomenclature FILE``
writes the page.
"""

import sys
from pathlib import Path

from arterial.study.schema import Attribute, TableRole, TableSchema, list_tables, load_schema

__all__ = ["main", "nomenclature_markdown"]

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


def main(arguments: list[str] | None = None) -> int:
    """Write the page to the file named, or to standard output."""
    arguments = sys.argv[1:] if arguments is None else arguments
    page = nomenclature_markdown()
    if arguments:
        Path(arguments[0]).write_text(page, encoding="utf-8", newline="\n")
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
