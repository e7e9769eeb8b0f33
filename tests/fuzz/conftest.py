"""Ways to break one file of a study, each with the place where the fault must be told.

The sound study is the shipped one of two stations with the tables of ``every_table`` laid over
it, so that each input table has rows.
"""

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from arterial.study import reader
from arterial.study.schema import (
    Attribute,
    AttributeType,
    TableRole,
    TableSchema,
    list_tables,
    load_schema,
)

STUDIES = Path(__file__).parents[2] / "studies"
EVERY_TABLE = Path(__file__).parent / "every_table"

ANYWHERE = -1
"""Row of a case whose fault may stand in any row of the file."""

NOT_UTF8 = "@@not-utf-8@@"
"""Stands in a cell for bytes that are not UTF-8."""

BELOW, ABOVE = "@@below@@", "@@above@@"
"""Stand in a cell for numbers outside the range of its column."""

IN_EVERY_TABLE = ("missing key", "row too short", "duplicate key", "dangling", "missing file")
"""Breakages made in each table; the others go round the tables, so that each table has many."""

ROUND = 4

Rows = list[list[str]]


@dataclass(frozen=True)
class BrokenCase:
    """One breakage: the file, its new content (None = a folder), where the fault must be."""

    name: str
    file: str
    content: bytes | None
    row: int | None = None
    column: str | None = None
    severity: str | None = "error"
    word: str = ""
    is_removed: bool = False


def read_rows(text: str) -> Rows:
    return list(csv.reader(io.StringIO(text, newline="")))


def write_rows(rows: Rows) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue().encode()


def put_cell(rows: Rows, column: str, text: str) -> bytes:
    """The table with `text` in its first row, the column added where it is not there."""
    changed = [list(row) for row in rows]
    if column not in changed[0]:
        changed[0].append(column)
        for row in changed[1:]:
            row.append("")
    changed[1][changed[0].index(column)] = text
    return write_rows(changed)


def list_file_cases(schema: TableSchema, text: str) -> Iterator[BrokenCase]:
    """Breakages of the file as a whole, from the text of a sound one."""
    rows = read_rows(text)
    sound = write_rows(rows)
    last = sound.count(b"\n")
    key = schema.key[0]
    at = rows[0].index(key)
    first, rest = rows[1], rows[2:]

    def case(name: str, content: bytes | None, **where: object) -> BrokenCase:
        return BrokenCase(name, schema.file, content, **where)  # type: ignore[arg-type]

    without_key = [[cell for index, cell in enumerate(row) if index != at] for row in rows]
    yield case("missing key column", write_rows(without_key), row=1, column=key, word="missing")
    unknown = [[*row, "lenght_kmh" if index == 0 else ""] for index, row in enumerate(rows)]
    yield case("unknown column", write_rows(unknown), row=1, column="lenght_kmh")
    doubled = [[*row, row[at]] for row in rows]
    yield case("duplicate header", write_rows(doubled), row=1, column=key, word="2 times")
    nameless = [[*row, ""] for row in rows]
    yield case("column left empty", write_rows(nameless), severity=None)
    filled = [[*row, "x" if index == 1 else ""] for index, row in enumerate(rows)]
    yield case("header without a name", write_rows(filled), row=1, word="no name")
    yield case("note of separators", b"sep=,\r\n" + sound, severity=None)
    yield case("another separator", b"sep=;\n" + sound.replace(b",", b";"), row=1, word="';'")
    yield case("row too short", write_rows([rows[0], first[:-1], *rest]), row=2, word="cells")
    yield case("row too long", write_rows([rows[0], [*first, "x"], *rest]), row=2, word="cells")
    yield case("duplicate key", write_rows([*rows, first]), row=last + 1, word="already")
    yield case("empty file", b"", word="empty")
    yield case("only blank lines", b"\n\n\n", word="empty")
    yield case("no file but a folder", None, word="folder")
    yield case("UTF-16", text.encode("utf-16"), word="UTF-16")
    yield case("semicolons", sound.replace(b",", b";"), row=1, word="commas")
    quoted = sound.split(b"\n")
    quoted[1] = b'"' + quoted[1]
    yield case("unclosed quote", b"\n".join(quoted), row=2, word="quotation")
    yield case("text after a quote", put_text(sound, b'"a"b'), row=2, word="quotation")
    yield case("binary", bytes(range(256)) * 4, row=ANYWHERE)
    yield case("bad header", sound.replace(b",", b"\xff\x1b,", 1), row=1, word="header")
    yield case(
        "UTF-8 mark and CRLF", b"\xef\xbb\xbf" + sound.replace(b"\n", b"\r\n"), severity=None
    )
    yield case("header only", write_rows(rows[:1]), severity="any")
    yield case(
        "empty row",
        sound + b"," * (len(first) - 1) + b"\n",
        row=last + 1,
        severity="warning" if len(first) > 1 else "any",
    )
    yield BrokenCase("missing file", schema.file, b"", severity="any", is_removed=True)


def put_text(sound: bytes, start: bytes) -> bytes:
    """The file with `start` in place of the first cell of the first row."""
    lines = sound.split(b"\n")
    lines[1] = start + b"," + lines[1].partition(b",")[2]
    return b"\n".join(lines)


def list_cell_cases(schema: TableSchema, text: str) -> Iterator[BrokenCase]:
    """Breakages of one cell: for each type, in the first column of that type."""
    rows = read_rows(text)
    for name, pick, bad, severity, word in CELL_BREAKS:
        attribute = next((item for item in schema.attributes if pick(item)), None)
        if attribute is None:
            continue
        cell = bad.replace(BELOW, f"{int(attribute.minimum or 0) - 1}")
        cell = cell.replace(ABOVE, f"{int(attribute.maximum or 0) + 1}")
        content = put_cell(rows, attribute.name, cell)
        content = content.replace(NOT_UTF8.encode(), b"\xff\xfe\xe9")
        yield BrokenCase(
            f"{name} in {attribute.name}", schema.file, content, 2, attribute.name, severity, word
        )


def is_type(*types: AttributeType) -> Callable[[Attribute], bool]:
    return lambda attribute: attribute.type in types


def is_numeric(attribute: Attribute) -> bool:
    return attribute.type in {AttributeType.INTEGER, AttributeType.NUMBER}


CellBreak = tuple[str, Callable[[Attribute], bool], str, str, str]

CELL_BREAKS: list[CellBreak] = [
    ("word for a number", is_numeric, "about ten", "error", "not a number"),
    ("decimal comma", is_numeric, "1,5", "error", ""),
    ("nan", is_numeric, "nan", "error", "finite"),
    ("inf", is_numeric, "-inf", "error", "finite"),
    ("huge number", is_numeric, "9" * 400, "error", "large"),
    ("overflow", is_numeric, "1e999", "error", "large"),
    ("underscores", is_numeric, "1_000", "error", "not a number"),
    ("fraction", is_type(AttributeType.INTEGER), "1.5", "error", "whole"),
    ("too low", lambda a: a.minimum is not None, BELOW, "error", "low"),
    ("too high", lambda a: a.maximum is not None, ABOVE, "error", "high"),
    ("bad boolean", is_type(AttributeType.BOOLEAN), "maybe", "error", "true"),
    ("bad date", is_type(AttributeType.DATE), "17.06.2025", "error", "not a date"),
    ("date that is not", is_type(AttributeType.DATE), "2025-02-30", "error", "28 days"),
    ("month 13", is_type(AttributeType.DATE), "2025-13-01", "error", "month"),
    ("year 9999", is_type(AttributeType.DATE), "9999-01-01", "error", "years"),
    ("24:00", is_type(AttributeType.CLOCK_TIME), "24:00", "error", "time of day"),
    ("25:61", is_type(AttributeType.CLOCK_TIME), "25:61", "error", "time of day"),
    ("unknown zone", is_type(AttributeType.ZONE), "Europe/Moskow", "error", "time zone"),
    ("path as zone", is_type(AttributeType.ZONE), "../../etc/passwd", "error", "time zone"),
    ("not allowed", lambda a: bool(a.allowed), "sorced", "error", "not one of"),
    ("dangling id", lambda a: a.reference is not None, "NO-SUCH-ID", "error", ""),
    ("empty key", lambda a: a.is_key and a.is_needed, "", "error", "empty"),
    ("empty required", lambda a: a.is_needed and not a.is_key, "", "error", "empty"),
    ("only blanks", lambda a: a.is_key, "   ", "error", "blank"),
    ("blank at the end", is_type(AttributeType.IDENTIFIER), "ID ", "error", "blank"),
    ("path as id", is_type(AttributeType.IDENTIFIER), "../../x", "error", "cannot be an id"),
    ("semicolon in id", is_type(AttributeType.IDENTIFIER), "A;B", "error", "cannot be an id"),
    ("formula as id", is_type(AttributeType.IDENTIFIER), "=1+1", "error", "formula"),
    ("long id", is_type(AttributeType.IDENTIFIER), "A" * 201, "error", "characters"),
    ("line break in id", is_type(AttributeType.IDENTIFIER), "A\nB", "error", "cannot be an id"),
    ("NUL", is_type(AttributeType.TEXT), "a\0b", "error", "control"),
    ("escape", is_type(AttributeType.TEXT), "a\x1b[31m", "error", "control"),
    ("huge cell", is_type(AttributeType.TEXT), "a" * 10_001, "error", "characters"),
    ("not UTF-8", is_type(AttributeType.TEXT), NOT_UTF8, "error", "UTF-8"),
    ("formula", lambda a: a.type is AttributeType.TEXT and not a.allowed and not a.is_key,
     "=HYPERLINK(1)", "warning", "formula"),
    ("empty list item", is_type(AttributeType.LIST), "1435;;1520", "error", "empty item"),
    ("word in a number list", lambda a: a.has_number_items, "broad", "error", "whole"),
]  # fmt: skip


def list_name_cases() -> Iterator[BrokenCase]:
    """Files that stand where no table may."""
    for name in list_tables(TableRole.RESULT):
        file = f"tables/{name}.csv"
        yield BrokenCase("result among the inputs", file, b"a\n1\n", word="result")
    yield BrokenCase("misspelt name", "tables/sectons.csv", b"a\n1\n", word="No table")
    yield BrokenCase("wrong folder", "tables/claims.csv", b"a\n1\n", word="folder")
    yield BrokenCase("wrong folder", "lines.csv", b"a\n1\n", word="folder")


def describe_inputs() -> list[TableSchema]:
    return [load_schema(name) for name in list_tables(TableRole.INPUT)]


def list_shipped_cases() -> Iterator[tuple[str, BrokenCase]]:
    """A few breakages of each table of every other shipped study."""
    kept = ("duplicate key", "unclosed quote", "dangling")
    for settings in sorted(STUDIES.glob("*/study.toml")):
        study = settings.parent
        if study.name == "two_stations":
            continue
        for schema in describe_inputs():
            path = study / schema.file
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            if len(read_rows(text)) > 1:
                cases = [*list_file_cases(schema, text), *list_cell_cases(schema, text)]
                yield from (
                    (study.name, place_dangling(study, schema, case))
                    for case in cases
                    if case.name.startswith(kept)
                )


def place_dangling(study: Path, schema: TableSchema, case: BrokenCase) -> BrokenCase:
    """A reference into a table that the study lacks is told once for its column, not by row."""
    column = case.column if case.name.startswith("dangling") else None
    reference = schema.attribute(column).reference if column else None
    if reference is None or (study / load_schema(reference.table).file).is_file():
        return case
    return replace(case, row=ANYWHERE)


def list_small_cases() -> Iterator[tuple[str, BrokenCase]]:
    count = 0
    for schema in describe_inputs():
        path = EVERY_TABLE / schema.file
        if not path.is_file():
            path = STUDIES / "two_stations" / schema.file
        text = path.read_text(encoding="utf-8")
        for case in (*list_file_cases(schema, text), *list_cell_cases(schema, text)):
            count += 1
            if case.name.startswith(IN_EVERY_TABLE) or count % ROUND == 0:
                yield "every_table", case
    for case in list_name_cases():
        yield "every_table", case


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that asks for a broken study all of them."""
    if "broken" in metafunc.fixturenames:
        cases = [*list_small_cases(), *list_shipped_cases()]
        ids = [f"{study}: {case.file}: {case.name}" for study, case in cases]
        metafunc.parametrize("broken", cases, ids=ids)


@pytest.fixture(scope="session")
def sound_studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a sound copy of every study that is broken."""
    folder = tmp_path_factory.mktemp("sound")
    for study in STUDIES.iterdir():
        if (study / "study.toml").is_file():
            shutil.copytree(study, folder / study.name, ignore=shutil.ignore_patterns("runs"))
    shutil.copytree(folder / "two_stations", folder / "every_table")
    shutil.copytree(EVERY_TABLE, folder / "every_table", dirs_exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def read_tables_once(monkeypatch: pytest.MonkeyPatch, tables_read: dict) -> None:
    """Keep tables between cases: what is read from a file depends on its bytes alone."""
    read = vars(reader)["_read_table"]

    def read_once(path: Path, schema: TableSchema, file: str | None = None) -> object:
        if not path.is_file():
            return read(path, schema, file)
        key = (schema.name, file, path.read_bytes())
        if key not in tables_read:
            tables_read[key] = read(path, schema, file)
        return tables_read[key]

    monkeypatch.setattr(reader, "_read_table", read_once)


@pytest.fixture(scope="session")
def tables_read() -> dict:
    return {}
