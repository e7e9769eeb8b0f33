"""Two runs on disk laid side by side; main function `compare_runs`.

Tables that one run lacks are named and left out; only runs that have no service in common are
refused.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arterial.errors import ArterialError, StudyError
from arterial.study.run_folder import RECORD, find_last_run

if TYPE_CHECKING:
    import polars as pl

    from arterial.report.comparison import Comparison

__all__ = ["ComparedRuns", "compare_runs"]

TABLES: Final = (
    "trips",
    "punctuality",
    "arrival_distributions",
    "handover_risks",
    "rotation_risks",
    "delay_causes",
    "line_delays",
    "asset_effects",
    "derailment_risks",
    "simulation_runs",
    "simulated_trips",
)
"""Result tables that are read where a run has them."""

LISTED_ROWS: Final = 500
"""Rows of causes and assets in the record: of more, those that differ most."""

NAME_TABLES: Final = {
    "services": ("coach_services", "service_id"),
    "points": ("operational_points", "point_id"),
    "pools": ("coach_pools", "pool_id"),
}


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """What came of a comparison.

    Parameters
    ----------
    summary : tuple of str
        The comparison in plain words.
    record : dict
        Runs, differences and what is absent, ready for JSON; of long tables the rows that differ
        most.
    page : Path or None
        The page, where one was asked for.
    """

    summary: tuple[str, ...]
    record: dict[str, Any]
    page: Path | None


def compare_runs(before: Path, after: Path, *, output: Path | None = None) -> ComparedRuns:
    """Compare two runs: punctuality, hand-overs, causes and assets before and after.

    Parameters
    ----------
    before, after : Path
        Folder of a run; a study's folder stands for its last run.
    output : Path, optional
        Page to write.

    Returns
    -------
    ComparedRuns
        Sentences, differences, and the page if one was asked for.

    Raises
    ------
    StudyError
        If a folder holds no run, or the runs have no service in common.
    """
    from arterial.report.comparison import compare_results
    from arterial.report.comparison_page import build_comparison_page
    from arterial.report.page import write_page

    # A study's folder means its newest run, as in the other commands.
    folders = [_find_run(folder) for folder in (before, after)]
    results = [_read_tables(folder) for folder in folders]
    # Runs of other services have nothing that could be laid side by side.
    only = _check_services(folders, results)
    comparison = compare_results(results[0], results[1])
    names = _read_names(folders[1]) or _read_names(folders[0])
    stamps = [_make_stamp(*pair) for pair in zip(folders, results, strict=True)]
    summary = (*only, *_summarise(comparison, names))
    page = None
    if output is not None:
        text = build_comparison_page(comparison, stamps=stamps, sentences=summary, names=names)
        page = write_page(output, text)
    return ComparedRuns(summary, _make_record(folders, comparison, summary), page)


def _find_run(folder: Path) -> Path:
    if (folder / RECORD).is_file():
        return folder
    if (folder / "study.toml").is_file():
        return find_last_run(folder)
    message = (
        f"{folder} is no run of Arterial: it has no {RECORD}. "
        "Name the folder of a run, or a study that was run."
    )
    raise StudyError(message)


def _read_tables(folder: Path) -> "dict[str, pl.DataFrame]":
    import polars as pl

    paths = {name: folder / f"{name}.parquet" for name in TABLES}
    return {name: pl.read_parquet(path) for name, path in paths.items() if path.is_file()}


def _services(results: "Mapping[str, pl.DataFrame]") -> set[str]:
    found: set[str] = set()
    for table in ("trips", "punctuality"):
        if table in results:
            found |= set(results[table]["service_id"].drop_nulls().to_list())
    return found


def _check_services(
    folders: list[Path], results: "list[dict[str, pl.DataFrame]]"
) -> tuple[str, ...]:
    """Refuse runs without a common service; name those that only one run has."""
    before, after = (_services(tables) for tables in results)
    if not before & after:
        listed = [", ".join(sorted(found)) or "none" for found in (before, after)]
        message = (
            f"The runs have no service in common: {folders[0]} has {listed[0]}; "
            f"{folders[1]} has {listed[1]}. Compare runs of one study, before and after a change."
        )
        raise StudyError(message)
    only = []
    for found, other, when in ((before, after, "before"), (after, before, "after")):
        missing = sorted(found - other)
        if missing:
            only.append(f"Only in the run {when}, so not compared: {', '.join(missing)}.")
    return tuple(only)


def _read_names(folder: Path) -> dict[str, dict[str, str]]:
    """Words for ids from the study that holds the run; none where it is gone or has faults."""
    from arterial.study import read_study

    path = folder.parent.parent
    if not (path / "study.toml").is_file():
        return {}
    try:
        study = read_study(path)
    except ArterialError:
        return {}
    names = {
        kind: _pairs(study.table(table).select(key, "name"))
        for kind, (table, key) in NAME_TABLES.items()
    }
    names["trains"] = _pairs(study.table("trains").select("train_id", "number"))
    points = names["points"]
    ends = study.table("sections").select("section_id", "from_point", "to_point").iter_rows()
    names["sections"] = {
        section: f"{points.get(begin, begin)} \N{EN DASH} {points.get(end, end)}"
        for section, begin, end in ends
    }
    return names


def _pairs(frame: "pl.DataFrame") -> dict[str, str]:
    return {str(key): str(word) for key, word in frame.iter_rows() if word is not None}


def _make_stamp(folder: Path, results: "Mapping[str, pl.DataFrame]") -> dict[str, str]:
    """What identifies a run and its simulation."""
    record = tomllib.loads((folder / RECORD).read_text(encoding="utf-8"))
    flat = {key: value for key, value in record.items() if not isinstance(value, dict)}
    labels = {"digest": "digest of the study", "as_of": "evidence as of"}
    stamp = {labels.get(key, key): str(value) for key, value in flat.items()}
    stamp["folder"] = str(folder)
    runs = results.get("simulation_runs")
    if runs is not None:
        for row in runs.iter_rows(named=True):
            words = (
                f"{row['draws_count']} draws, {row['replications_count']} replications, "
                f"seed {row['seed']}, parameters {row['parameter_set']}"
            )
            stamp[f"simulated {row['simulation_id']}"] = words
    return stamp


def _summarise(comparison: "Comparison", names: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What changed, in plain words; a difference within twice its error is said to be chance."""
    from arterial.report.chances import percent_text
    from arterial.report.comparison_page import ABSENT_WORDS

    if not comparison.tables:
        yield "Neither run holds simulated operations that the other holds too."
        return
    services = names.get("services", {})
    if "punctuality" in comparison.tables:
        told = comparison.tables["punctuality"]["measure"]
        has_day = "announced_day" in told.to_list()
        measure = "announced_day" if has_day else "announced_duration"
        for row in _main_rows(comparison.tables["punctuality"], measure):
            name = services.get(row["service_id"], row["service_id"])
            yield (
                f"Computed: {name} arrives as announced in {percent_text(row['before'])} of the "
                f"departures before and {percent_text(row['after'])} after ({_word_change(row)})."
            )
    if comparison.is_paired:
        yield (
            "Both runs met the same chances, so all departures are compared trip by trip; the "
            "other differences bear the errors of both runs, rather too much than too little."
        )
    else:
        yield "The runs met different chances, so the errors of both stand in each difference."
    if comparison.absent:
        lacking = "; ".join(
            f"{ABSENT_WORDS[name]} ({who})" for name, who in comparison.absent.items()
        )
        yield f"Not compared, since not simulated: {lacking}."


def _word_change(row: Mapping[str, Any]) -> str:
    """A change of a share in percentage points; within twice its error it may be chance."""
    change, error = row["difference"], row["difference_error"]
    if change == 0:
        return "no change"
    points = f"{100 * change:+.1f} percentage points"
    if error is None:
        return points
    doubt = "; this may be chance" if abs(change) < 2 * error else ""
    return f"{points}, ± {100 * error:.1f}{doubt}"


def _main_rows(table: "pl.DataFrame", measure: str) -> list[dict[str, Any]]:
    """One row a service: all departures, within the shortest announced duration."""
    import polars as pl

    own = table.filter((pl.col("measure") == measure) & (pl.col("group_id") == "all"))
    known = own.drop_nulls(["before", "after"]).sort("limit_h", maintain_order=True)
    return known.unique("service_id", keep="first", maintain_order=True).to_dicts()


def _make_record(
    folders: list[Path], comparison: "Comparison", summary: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "before": str(folders[0]),
        "after": str(folders[1]),
        "is_paired": comparison.is_paired,
        "absent": dict(comparison.absent),
        "summary": list(summary),
        "differences": {
            name: _keep_changed(frame).to_dicts() for name, frame in comparison.tables.items()
        },
    }


def _keep_changed(table: "pl.DataFrame") -> "pl.DataFrame":
    """Rows of a long table that differ most, and the kinds of cause; a short table whole."""
    import polars as pl

    if table.height <= LISTED_ROWS:
        return table
    is_kind = pl.lit(value=False)
    if "parent_id" in table.columns:
        roots = table.filter(pl.col("parent_id").is_null())["cause_id"].unique().to_list()
        is_kind = pl.col("parent_id").is_null() | pl.col("parent_id").is_in(roots)
    place = pl.col("difference").abs().rank("ordinal", descending=True)
    return table.filter(is_kind | (place <= LISTED_ROWS))
