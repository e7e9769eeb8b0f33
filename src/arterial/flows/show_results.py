"""Show a result table of the study's last run, filtered, with local times for reading."""

import io
from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arterial.clock import from_epoch_s, local_datetime, local_text
from arterial.errors import StudyError, UsageError
from arterial.study import read_study
from arterial.study.run_folder import find_last_run, find_run
from arterial.study.run_record import read_result
from arterial.writing import write_whole

if TYPE_CHECKING:
    import polars as pl

    from arterial.study import Study

__all__ = [
    "add_local_times",
    "format_table",
    "keep_columns",
    "show_results",
    "word_results",
    "write_workbook",
]

UTC: Final = "Etc/UTC"
DIGITS: Final = 3
MOST_SHEET_ROWS: Final = 1_048_576
LONGEST: Final = 60
"""Characters of a cell that are shown [1]."""

PLACES: Final = ("point_id", "from_point")
"""Columns that say where the clock of a row hangs, the first that is filled."""

NAMES: Final = (
    ("operational_points", ("point_id", "from_point", "to_point"), "name"),
    ("trains", ("train_id",), "number"),
)
"""What stands for an identifier in a table for reading."""


def show_results(
    study: Path | str,
    table: str,
    *,
    service: str | None = None,
    day: str | None = None,
    run: str | None = None,
) -> "pl.DataFrame":
    """Rows of a result table of the study's last run.

    Parameters
    ----------
    study : Path or str
        Folder of the study.
    table : str
        Name of the result table (trips, findings, section_runs, ...).
    service : str, optional
        Keep only this coach service.
    day : str, optional
        Keep only departures on this date, YYYY-MM-DD.
    run : str, optional
        Name of the run; the newest by default.

    Returns
    -------
    DataFrame
        The rows, in the table's order.

    Raises
    ------
    StudyError
        If there is no run, no such table, or the filter does not fit the table.
    """
    import polars as pl

    folder = find_last_run(study) if run is None else find_run(study, run)
    frame = read_result(folder, table)
    if "trip_id" in frame.columns and "service_id" not in frame.columns:
        parts = pl.col("trip_id").str.split_exact("@", 1)
        frame = frame.with_columns(
            service_id=parts.struct.field("field_0"),
            trip_date=parts.struct.field("field_1").str.to_date(strict=False),
        )
    if service is not None:
        frame = _keep_rows(frame, "service_id", service)
    if day is not None:
        frame = _keep_rows(frame, "trip_date", _read_day(day))
    return frame


def _keep_rows(frame: "pl.DataFrame", column: str, value: object) -> "pl.DataFrame":
    """Rows whose column has the value; an error that lists the values there are if none has."""
    import polars as pl

    if column not in frame.columns:
        message = f"This table has no column {column!r} to filter by."
        raise UsageError(message)
    kept = frame.filter(pl.col(column) == pl.lit(value))
    if kept.is_empty():
        known = [str(known) for known in frame[column].unique().sort().drop_nulls().head(12)]
        message = f"No row has {column} = {value}. There are: {', '.join(known) or 'none'} ..."
        raise UsageError(message)
    return kept


def keep_columns(frame: "pl.DataFrame", names: str) -> "pl.DataFrame":
    """The columns that are named, in that order.

    Raises
    ------
    StudyError
        If the table has no such column; the message lists those that it has.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in frame.columns]
    if unknown or not wanted:
        message = (
            f"The table has no column {', '.join(unknown) or repr(names)}. "
            f"There are: {', '.join(frame.columns)}."
        )
        raise UsageError(message)
    return frame.select(wanted)


def _read_day(text: str) -> date:
    """A date given as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date. Write it as YYYY-MM-DD, for instance 2025-06-17."
        raise UsageError(message) from None


def word_results(frame: "pl.DataFrame", path: Path) -> "pl.DataFrame":
    """Rows for reading: names of places and trains, and clock faces for seconds.

    Parameters
    ----------
    frame : DataFrame
        Rows of a result table.
    path : Path
        Folder of the study; where it can no longer be read, the rows stay as they are.

    Returns
    -------
    DataFrame
        Times by the clock of the row's place; those of a trip by the clocks of its ends; others in
        UTC.
    """
    import polars as pl

    try:
        study = read_study(path)
    except StudyError:
        return frame
    for name, zones in _list_zones(frame, study).items():
        texts = [
            _write_time(at_s, zone, study)
            for at_s, zone in zip(frame[name].to_list(), zones, strict=True)
        ]
        frame = frame.with_columns(pl.Series(name, texts, dtype=pl.String))
    for table, keys, word in NAMES:
        known = dict(study.table(table).select(keys[0], word).drop_nulls().iter_rows())
        named = [name for name in frame.columns if name.endswith(keys)]
        frame = frame.with_columns(pl.col(name).replace(known) for name in named)
    return frame


def write_workbook(path: Path, frame: "pl.DataFrame") -> Path:
    """Write a table as a workbook, in which text that begins like a formula stays text.

    Parameters
    ----------
    path : Path
        File to write.
    frame : DataFrame
        The table.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        Where the library is not installed, or the table is longer than a sheet.
    """
    if find_spec("xlsxwriter") is None:
        message = "Workbooks need a library: pip install 'arterial[exchange]'. --csv needs none."
        raise UsageError(message)
    if frame.height >= MOST_SHEET_ROWS:
        message = f"A sheet has {MOST_SHEET_ROWS:,} rows; these are {frame.height:,}. Use --csv."
        raise UsageError(message)
    from xlsxwriter import Workbook

    content = io.BytesIO()
    with Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        frame.write_excel(book, autofit=True)
    return write_whole(path, content.getvalue())


def add_local_times(frame: "pl.DataFrame", study: "Study") -> "pl.DataFrame":
    """Put datetimes in place of the seconds of a result table.

    Parameters
    ----------
    frame : DataFrame
        Rows of a result table.
    study : Study
        The study of the run, for its epoch and the zones of its points.

    Returns
    -------
    DataFrame
        For each column ``X_at_s`` three columns in its place: ``X_at`` (the instant, a datetime in
        UTC), ``X_local`` (the clock face of the row's place, of a trip that of its end) and
        ``X_zone`` (that place's zone; unknown and the face in UTC where no row names a place).
    """
    import polars as pl

    epoch = study.settings.epoch
    columns = {name: [frame[name]] for name in frame.columns}
    for name, zones in _list_zones(frame, study).items():
        stem = name.removesuffix("at_s")
        times = [None if at_s is None else round(at_s) for at_s in frame[name].to_list()]
        instants = [None if at_s is None else from_epoch_s(at_s, epoch) for at_s in times]
        faces = [
            None if at_s is None else local_datetime(at_s, epoch, zone or UTC).replace(tzinfo=None)
            for at_s, zone in zip(times, zones, strict=True)
        ]
        columns[name] = [
            pl.Series(f"{stem}at", instants, dtype=pl.Datetime("us", "UTC")),
            pl.Series(f"{stem}local", faces, dtype=pl.Datetime("us")),
            pl.Series(f"{stem}zone", zones, dtype=pl.String),
        ]
    return pl.DataFrame([series for columns_of in columns.values() for series in columns_of])


def _list_zones(frame: "pl.DataFrame", study: "Study") -> dict[str, list[str | None]]:
    """Zone of each row, by column of instants: of the row's place, or of the end of its trip."""
    known = dict(study.table("operational_points").select("point_id", "zone").iter_rows())
    begins = dict(study.table("sections").select("section_id", "from_point").iter_rows())
    ends = _list_ends(study)
    return {
        name: [
            known.get(_find_place(row, begins) or _find_end(row, ends, end))
            for row in frame.iter_rows(named=True)
        ]
        for name in frame.columns
        if name.endswith("at_s")
        for end in [-1 if name.startswith("arrival") else 0]
    }


def _find_place(row: Mapping[str, Any], begins: Mapping[str, str]) -> str | None:
    """Where a row is: its point, or the begin of its section, on the way of its train if stated."""
    named = (row.get(name) for name in PLACES)
    return next((place for place in named if place), begins.get(row.get("section_id") or ""))


def _list_ends(study: "Study") -> dict[str, tuple[str, str]]:
    """First and last point of each coach service."""
    import polars as pl

    legs = study.table("coach_legs").sort("sequence").group_by("service_id", maintain_order=True)
    ends = legs.agg(first=pl.col("from_point").first(), last=pl.col("to_point").last())
    return {service: (first, last) for service, first, last in ends.iter_rows()}


def _find_end(row: Mapping[str, Any], ends: Mapping[str, tuple[str, str]], end: int) -> str:
    """Where a trip begins (0) or ends (-1)."""
    found = ends.get(row.get("service_id") or "")
    return "" if found is None else found[end]


def _write_time(at_s: float | None, zone: str | None, study: "Study") -> str | None:
    if at_s is None:
        return None
    text = local_text(round(at_s), study.settings.epoch, zone or UTC)
    return text if zone else f"{text} UTC"


def format_table(frame: "pl.DataFrame", *, rows: int, width: int = 0) -> str:
    """A table as aligned text with at most ``rows`` rows, columns without any value left out.

    Parameters
    ----------
    frame : DataFrame
        The table.
    rows : int
        Rows to show.
    width : int
        Columns of the terminal; what does not fit is named below the table. 0 shows all.
    """
    import polars as pl

    filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
    shown = (frame.select(filled) if filled else frame).head(rows)
    shown = shown.with_columns(pl.col(pl.Float64).round(DIGITS))
    fitting = _fit_columns(shown, width) if width else shown.columns
    with pl.Config(
        tbl_rows=rows,
        tbl_cols=-1,
        fmt_str_lengths=LONGEST,
        tbl_width_chars=10_000,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_formatting="NOTHING",
        tbl_cell_numeric_alignment="RIGHT",
    ):
        text = str(shown.select(fitting))
    if frame.height > rows:
        text += f"\n... {frame.height - rows} more rows (--rows 0 shows all)"
    left = [name for name in shown.columns if name not in fitting]
    if left:
        text += f"\nDo not fit here: {', '.join(left)} (--columns NAME,NAME; --csv FILE holds all)"
    return text


def _fit_columns(shown: "pl.DataFrame", width: int) -> list[str]:
    """The first columns that fit side by side; one at least."""
    fitting: list[str] = []
    for name in shown.columns:
        texts = [name, *(str(value)[:LONGEST] for value in shown[name].to_list())]
        width -= max(len(text) for text in texts) + 2
        if width < 0 and fitting:
            break
        fitting.append(name)
    return fitting
