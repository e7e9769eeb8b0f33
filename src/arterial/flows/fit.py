"""Laws of life and failure fitted to one's own records: ``arterial fit RECORDS``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from arterial.assets.fitting import fit_failure_records
from arterial.assets.likelihood import CONFIDENCE
from arterial.assets.parameters import load_parameter_set, write_parameter_set
from arterial.assets.records import recurrent_records
from arterial.assets.recurrent import fit_power_law
from arterial.assets.turnouts import apply_turnout_fit
from arterial.errors import ArterialError
from arterial.study.csvtext import format_sheet
from arterial.study.reader import read_table
from arterial.writing import refuse_output, write_whole

__all__ = ["describe_fits", "fit_records"]

TURNOUT: Final = "turnout"


def fit_records(
    path: Path | str,
    *,
    output: Path | str | None = None,
    parameters: Path | str | None = None,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> dict[str, Any]:
    """Fit what a table of failure records allows, and write what is asked for.

    Parameters
    ----------
    path : Path
        CSV file with the columns of ``failure_records``.
    output : Path, optional
        Folder for ``fits.csv`` and, by age, what the records say alone beside the fit,
        ``comparisons.csv``.
    parameters : Path, optional
        Parameter set to write: the shipped one with the fit of the turnouts in it.
    confidence : float
        Confidence of the intervals, between 0 and 1.
    seed : int
        Seed of the samples that test the power law.

    Returns
    -------
    dict
        ``fits`` (one row a kind, event and quantity), ``refusals`` and ``written``.

    Raises
    ------
    ArterialError
        When a set is asked for and no repaired turnouts are recorded, or too few failures.
    StudyError
        With every fault of the records.
    """
    path = Path(path)
    folder = None if output is None else Path(output)
    own = None if parameters is None else Path(parameters)
    places = [] if folder is None else [folder / f"{name}.csv" for name in ("fits", "comparisons")]
    for place in (*places, *([] if own is None else [own])):
        refuse_output(place, inputs=[path], makes_folder=place != own)
    records = read_table(path, "failure_records")
    found = fit_failure_records(records, seed=seed, confidence=confidence)
    written = []
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for place, table in zip(places, (found.fits, found.comparisons), strict=True):
            written.append(str(write_whole(place, format_sheet(table))))
    if own is not None:
        is_turnout = (pl.col("kind") == TURNOUT) & (pl.col("event") == "recurrent")
        if records.filter(is_turnout).is_empty():
            message = f"{path.name} has no repaired turnouts (event recurrent): no set is written."
            raise ArterialError(message)
        fit = fit_power_law(recurrent_records(records, TURNOUT), confidence=confidence)
        fitted = apply_turnout_fit(load_parameter_set(), fit, source=f"Own records, {path.name}")
        write_parameter_set(fitted, own)
        written.append(str(own))
    return {
        "fits": found.fits.to_dicts(),
        "refusals": list(found.refusals),
        "written": written,
    }


def describe_fits(result: dict[str, Any]) -> str:
    """The fits as a table of text, then what could not be fitted.

    Parameters
    ----------
    result : dict
        What :func:`fit_records` gives.
    """
    head = ("kind", "event", "quantity", "value", "low", "high", "failures", "age matters", "law")
    rows = [
        (
            row["kind"],
            row["event"],
            row["quantity"],
            *(f"{row[name]:.4g}" for name in ("value", "low", "high")),
            str(row["failures_count"]),
            *(_describe_p(row[name]) for name in ("ageing_p_value", "model_p_value")),
        )
        for row in result["fits"]
    ]
    lines = _align([head, *rows]) if rows else ["Nothing could be fitted."]
    if rows:
        lines.append("")
        lines.append(
            "age matters: p-value of a steady rate; law: p-value of the power law; "
            "-: there is no such test here."
        )
    lines += [f"Not fitted: {refusal}" for refusal in result["refusals"]]
    lines += [f"Written: {file}" for file in result["written"]]
    return "\n".join(lines)


def _describe_p(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004


def _align(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
