"""Show a result table of the study's last run, filtered, for reading in a terminal."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from arterial.errors import StudyError
from arterial.study.run_folder import find_last_run, read_result

if TYPE_CHECKING:
    import polars as pl

__all__ = ["format_table", "show_results"]


def show_results(
    study: Path, table: str, *, service: str | None = None, day: str | None = None
) -> "pl.DataFrame":
    """Rows of a result table of the study's last run.

    Parameters
    ----------
    study : Path
        Folder of the study.
    table : str
        Name of the result table (trips, findings, section_runs, ...).
    service : str, optional
        Keep only this coach service.
    day : str, optional
        Keep only departures on this date, YYYY-MM-DD.

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

    frame = read_result(find_last_run(study), table)
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
        raise StudyError(message)
    kept = frame.filter(pl.col(column) == pl.lit(value))
    if kept.is_empty():
        known = [str(known) for known in frame[column].unique().sort().drop_nulls().head(12)]
        message = f"No row has {column} = {value}. There are: {', '.join(known) or 'none'} ..."
        raise StudyError(message)
    return kept


def _read_day(text: str) -> date:
    """A date given as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a date. Write it as YYYY-MM-DD, for instance 2025-06-17."
        raise StudyError(message) from None


def format_table(frame: "pl.DataFrame", *, rows: int) -> str:
    """A table as aligned text with at most ``rows`` rows, columns without any value left out."""
    import polars as pl

    filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
    shown = frame.select(filled) if filled else frame
    with pl.Config(
        tbl_rows=rows,
        tbl_cols=-1,
        fmt_str_lengths=60,
        tbl_width_chars=400,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_formatting="NOTHING",
        tbl_cell_numeric_alignment="RIGHT",
    ):
        text = str(shown.head(rows))
    more = (
        f"\n... {frame.height - rows} more rows (--rows 0 shows all)" if frame.height > rows else ""
    )
    return text + more
