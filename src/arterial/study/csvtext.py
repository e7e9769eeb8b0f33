"""CSV text: strict reading with exact line numbers, and writing in one canonical form.

The main functions are `read_csv_file` (a file as columns of text, with every structural fault)
and `format_table` (a frame as text, the form in which studies are written and hashed).
"""

import csv
import errno
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from arterial.errors import Fault
from arterial.study.cells import is_formula_like
from arterial.study.faults import limit_faults, shorten_text

__all__ = [
    "MAXIMUM_FILE_BYTES",
    "RawTable",
    "format_cell",
    "format_sheet",
    "format_table",
    "parse_csv_text",
    "read_bounded",
    "read_csv_file",
    "read_text_file",
]

MAXIMUM_FILE_BYTES: Final = 200_000_000
"""Largest file that is read; a larger one is no table that a person keeps by hand."""

_SEPARATOR_NOTE: Final = re.compile(r'"?sep=(?P<mark>.)"?[,;\t]*(\r\n|\n|\r|$)', re.IGNORECASE)
_EXACT_BELOW: Final = 2**53
_LONGEST_COLUMN_NAME: Final = 100
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RawTable:
    """A CSV file as text, before any value is understood.

    Parameters
    ----------
    columns : dict of str to tuple of (str or None)
        Cells by column name, ``(n_rows,)`` each; None where a row is too short to have the cell.
    rows : tuple of int
        Line of the file on which each row begins, ``(n_rows,)``; the header is line 1.
    faults : tuple of Fault
        What is wrong with the file itself.
    is_readable : bool
        Whether the columns could be told apart; if not, nothing else can be checked.
    """

    columns: dict[str, tuple[str | None, ...]]
    rows: tuple[int, ...]
    faults: tuple[Fault, ...] = ()
    is_readable: bool = True


def read_bounded(path: Path) -> bytes:
    """Content of a file of others, as long as it is one and of a size that is read.

    Raises
    ------
    OSError
        When it cannot be read, is a pipe or device, which may never end, or is larger than
        `MAXIMUM_FILE_BYTES`.
    """
    if path.exists() and not path.is_file():
        kind = "it is a folder" if path.is_dir() else "it is a pipe or device, no file"
        raise OSError(errno.EINVAL, kind, str(path))
    size = path.stat().st_size
    if size > MAXIMUM_FILE_BYTES:
        words = f"it has {size:,} bytes; at most {MAXIMUM_FILE_BYTES:,} are read"
        raise OSError(errno.EFBIG, words, str(path))
    return path.read_bytes()


def read_text_file(path: Path, file: str) -> tuple[str, Fault | None]:
    """Text of a UTF-8 file; bytes that are not UTF-8 stay as lone surrogates, to be placed later.

    Parameters
    ----------
    path : Path
        Where the file is.
    file : str
        How faults name it.

    Returns
    -------
    text : str
        Content of the file; empty where it cannot be read.
    fault : Fault or None
        What keeps it from being read.
    """
    try:
        if not path.is_file():
            kind = "is a folder" if path.is_dir() else "is not a file that can be read"
            return "", Fault(f"{file} {kind}.", "Put a text file in its place.", file)
        size = path.stat().st_size
        if size > MAXIMUM_FILE_BYTES:
            cause = f"The file has {size:,} bytes; at most {MAXIMUM_FILE_BYTES:,} are read."
            return "", Fault(cause, "Split the study, or drop rows.", file)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        cause = f"The file cannot be read: {reason}."
        return "", Fault(cause, "Check that it exists and may be read.", file)
    if content.startswith(_UTF16_MARKS):
        cure = "Save it as UTF-8 (in a spreadsheet: CSV UTF-8)."
        return "", Fault("The file is in UTF-16, not in UTF-8.", cure, file)
    content = content.removeprefix(_UTF8_MARK)
    return content.decode("utf-8", errors="surrogateescape"), None


def read_csv_file(path: Path, file: str) -> RawTable:
    """Read a CSV file strictly: UTF-8, comma, double quotes, one header, no ragged rows.

    Parameters
    ----------
    path : Path
        Where the file is.
    file : str
        How faults name it, relative to the study folder.

    Returns
    -------
    RawTable
        The cells as text, with all faults of the file's structure.
    """
    text, fault = read_text_file(path, file)
    if fault is not None:
        return _unreadable(fault)
    return parse_csv_text(text, file)


def parse_csv_text(text: str, file: str) -> RawTable:
    """Read CSV text as `read_csv_file` does."""
    faults: list[Fault] = []
    lines: list[int] = []
    records: list[list[str]] = []
    skipped, text = _skip_separator(text, file, faults)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1 + skipped
    try:
        for record in reader:
            if record:
                lines.append(line)
                records.append(record)
            # A quoted cell may hold ends of lines: rows are fewer than lines.
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        faults.append(_quote_fault(str(error), file, line))
    if not records:
        empty = Fault("The file is empty.", "Write the header row, or remove the file.", file)
        return _unreadable(*(faults or [empty]))
    records = _drop_empty_columns(records)
    header = records[0]
    header_faults = _check_header(header, file, lines[0])
    if header_faults:
        return _unreadable(*header_faults, *faults)
    return _build_table(header, records[1:], lines[1:], file, faults)


def format_table(columns: Sequence[str], frame: pl.DataFrame) -> str:
    r"""Give rows as canonical CSV text: given column order, ``\n``, shortest exact numbers.

    Examples
    --------
    >>> format_table(["a", "b"], pl.DataFrame({"b": [1.5, None], "a": ["x", "y"]}))
    'a,b\nx,1.5\ny,\n'
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [format_cell(cell) for cell in row] for row in frame.select(columns).iter_rows()
    )
    return target.getvalue()


def format_sheet(frame: pl.DataFrame) -> str:
    r"""Give rows as CSV for a spreadsheet: marked as UTF-8, no text taken for a formula.

    Examples
    --------
    >>> format_sheet(pl.DataFrame({"a": ["=1+1", "-x", None], "b": [-1.5, 2.0, 3.0]}))
    "\ufeffa,b\n'=1+1,-1.5\n'-x,2\n,3\n"
    """
    safe = frame.with_columns(
        pl.col(pl.String).map_elements(_defuse, return_dtype=pl.String, skip_nulls=True)
    )
    return "\ufeff" + format_table(safe.columns, safe)


def _defuse(text: str) -> str:
    return f"'{text}" if is_formula_like(text) else text


def format_cell(cell: object) -> str:
    """Give a value as a cell writes it; empty where it is unknown.

    Examples
    --------
    >>> format_cell(12.0), format_cell(True), format_cell(None)
    ('12', 'true', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_BELOW else repr(cell)
    return str(cell)


def _unreadable(*faults: Fault) -> RawTable:
    return RawTable({}, (), tuple(faults), is_readable=False)


def _quote_fault(reason: str, file: str, line: int) -> Fault:
    if "field larger" in reason:
        cause = "A cell is longer than 131,072 characters; a quotation mark may not be closed."
    elif "unexpected end" in reason:
        cause = "A quotation mark opens a cell in this row and is never closed."
    else:
        cause = "A quotation mark stands where none may: text follows the closing mark."
    cure = 'Close each quoted cell, and write a quotation mark inside one as "".'
    return Fault(cause, cure, file, line)


def _skip_separator(text: str, file: str, faults: list[Fault]) -> tuple[int, str]:
    """How many lines of a spreadsheet's note of its separator stand first, and the rest."""
    match = _SEPARATOR_NOTE.match(text)
    if match is None:
        return 0, text
    if match["mark"] != ",":
        cause = f"The first line says that cells are separated by {match['mark']!r}."
        cure = "Save the file with commas between the cells, and remove that line."
        faults.append(Fault(cause, cure, file, 1))
    return 1, text[match.end() :]


def _drop_empty_columns(records: list[list[str]]) -> list[list[str]]:
    """Rows without columns that have neither a name nor a cell, as spreadsheets leave them."""
    header = records[0]
    width = max(map(len, records))
    # A row that is too long by empty cells alone is no longer than the header.
    empty = {
        place
        for place in range(width)
        if (place >= len(header) or not header[place].strip())
        and all(place >= len(row) or not row[place].strip() for row in records)
    }
    if not empty or len(empty) == width:
        return records
    return [[cell for place, cell in enumerate(row) if place not in empty] for row in records]


def _check_header(header: Sequence[str], file: str, line: int) -> list[Fault]:
    faults = []
    for name, count in Counter(header).items():
        position = header.index(name) + 1
        if not name.strip():
            cause = f"Column {position} of the header has no name."
            faults.append(Fault(cause, "Name the column, or remove it.", file, line))
        elif not name.isprintable() or len(name) > _LONGEST_COLUMN_NAME:
            cause = f"Column {position} of the header, {shorten_text(name)!r}, is no column name."
            cure = "Correct it; save the file as UTF-8 with commas between the cells."
            faults.append(Fault(cause, cure, file, line))
        elif count > 1:
            cause = f"Column {name!r} stands {count} times in the header."
            faults.append(Fault(cause, "Keep one of them.", file, line, name))
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        cause = "The cells are not separated by commas."
        faults.append(Fault(cause, "Save the file with a comma as separator.", file, line))
    return faults


def _build_table(
    header: list[str], records: list[list[str]], lines: list[int], file: str, faults: list[Fault]
) -> RawTable:
    width = len(header)
    kept_rows: list[int] = []
    cells: list[Sequence[str | None]] = []
    ragged: list[Fault] = []
    for line, record in zip(lines, records, strict=True):
        if not any(record):
            cause = "The row is empty."
            ragged.append(Fault(cause, "Remove the row.", file, line, severity="warning"))
            continue
        kept_rows.append(line)
        if len(record) == width:
            cells.append(record)
        else:
            cause = f"The row has {len(record)} cells, the header {width}."
            cure = "Add or remove commas; quote a cell that holds a comma."
            ragged.append(Fault(cause, cure, file, line))
            cells.append([*record[:width], *[None] * (width - len(record))])
    columns = zip(*cells, strict=True) if cells else ((),) * width
    return RawTable(
        columns=dict(zip(header, columns, strict=True)),
        rows=tuple(kept_rows),
        faults=(*faults, *limit_faults(ragged)),
    )
