"""A run or a study as one side of a comparison: its results, inputs and names.

Main functions: :func:`open_side` and :func:`explain_outcomes`. A study stands for its newest run of
the tables as they are; where there is none it is resolved without chance, and nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from arterial.errors import ArterialError, StudyError
from arterial.flows.run import resolve_timetable
from arterial.report.comparison import CHANCE_TABLES
from arterial.report.comparison_words import MOST_GROUPS, describe_group, find_cause_of_all
from arterial.report.outcome_changes import OUTCOME_TABLES, compare_outcomes
from arterial.study import Study, read_study
from arterial.study.changes import Change, ChangeGroup, apply_changes, group_changes
from arterial.study.reader import StudyInputs, read_inputs
from arterial.study.run_folder import find_run, heal_runs, list_runs
from arterial.study.run_record import INPUTS, RECORD, list_results, read_record, read_result
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.study import make_stamp
from arterial.units import DAY_S

__all__ = ["Side", "explain_outcomes", "open_side"]

ANSWER_TABLES: Final = ("trips", "trip_events", "train_times", "line_delays")
"""What the answer of a run rests on besides."""

READ: Final = tuple(dict.fromkeys((*OUTCOME_TABLES, *CHANCE_TABLES, *ANSWER_TABLES)))
"""Result tables that are read where a run has them."""

NAME_TABLES: Final = {
    "services": ("coach_services", "service_id"),
    "points": ("operational_points", "point_id"),
    "pools": ("coach_pools", "pool_id"),
}

TRAINS_RESOLVED: Final = 4000
"""Trains that are resolved in all to see the effect of each group of changes alone."""

TOGETHER: Final = "the changes together, none of them alone"
KEYS: Final = ("subject", "key", "measure")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Parameters
    ----------
    label : str
        What the side is called: the name of the run, or the study.
    folder : Path
        Folder of the run; of the study where it was resolved here.
    results : mapping of str to DataFrame
        Result tables by name.
    stamp : mapping of str to str
        What identifies the run.
    inputs : StudyInputs or None
        Rows of its tables; None where an older run did not keep them.
    study : Study or None
        The same as a study.
    remark : str
        What has to be said of it; empty where nothing has.
    """

    label: str
    folder: Path
    results: Mapping[str, pl.DataFrame]
    stamp: Mapping[str, str]
    inputs: StudyInputs | None = None
    study: Study | None = None
    remark: str = ""

    def list_names(self) -> dict[str, dict[str, str]]:
        """Words for ids by kind: services, points, pools, trains, sections."""
        if self.study is None:
            return {}
        table = self.study.table
        names = {
            kind: _pairs(table(name).select(key, "name"))
            for kind, (name, key) in NAME_TABLES.items()
        }
        names["trains"] = _pairs(table("trains").select("train_id", "number"))
        points = names["points"]
        ends = table("sections").select("section_id", "from_point", "to_point").iter_rows()
        names["sections"] = {
            section: f"{points.get(begin, begin)} \N{EN DASH} {points.get(end, end)}"
            for section, begin, end in ends
        }
        return names


def open_side(place: Path | str) -> Side:
    """Open a run or a study.

    Parameters
    ----------
    place : Path or str
        Folder of a run or of a study, or ``STUDY:NAME`` for a run by its name.

    Raises
    ------
    StudyError
        If there is neither, or the study has faults.
    """
    folder = Path(place)
    heal_runs(folder.absolute().parent, folder.name)
    if (folder / RECORD).is_file():
        return _open_run(folder)
    if (folder / SETTINGS_FILE).is_file():
        return _open_study(folder)
    owner, mark, name = str(place).rpartition(":")
    if mark and (Path(owner) / SETTINGS_FILE).is_file():
        return _open_run(find_run(Path(owner), name))
    message = (
        f"{folder} is no run of Arterial and no study: it has neither {RECORD} nor "
        f"{SETTINGS_FILE}. Name the folder of a run, a study, or STUDY:NAME."
    )
    raise StudyError(message)


def explain_outcomes(
    outcomes: pl.DataFrame, sides: Sequence[Side], changes: Sequence[Change]
) -> pl.DataFrame:
    """Put beside each difference the change that makes it.

    Where there are several changes, each is made alone in the first study, which is resolved
    without chance: what then differs alike has that change as its cause.

    Parameters
    ----------
    outcomes : polars.DataFrame
        As from `compare_outcomes`.
    sides : sequence of Side
        Before and after.
    changes : sequence of Change
        What was changed between the two.

    Returns
    -------
    polars.DataFrame
        With ``cause``; unknown where nothing tells it.
    """
    first, second = sides
    known = None
    if first.inputs is not None and second.inputs is not None:
        known = find_cause_of_all(changes, [side.stamp for side in sides])
    if outcomes.is_empty() or known is not None:
        return outcomes.with_columns(cause=pl.lit(known, dtype=pl.String))
    if first.inputs is None or second.inputs is None or first.study is None:
        return outcomes.with_columns(cause=pl.lit(None, dtype=pl.String))
    trains = max(first.study.table("trains").height, 1)
    groups = group_changes(changes, most=max(2, min(MOST_GROUPS, TRAINS_RESOLVED // trains)))
    effects = _list_effects(first, second, groups)
    if effects is None:
        return outcomes.with_columns(cause=pl.lit(None, dtype=pl.String))
    causes = [
        _choose_cause(tuple(row[key] for key in KEYS), row["after"], effects)
        for row in outcomes.iter_rows(named=True)
    ]
    return outcomes.with_columns(cause=pl.Series(causes, dtype=pl.String))


Effects = Mapping[str, Mapping[tuple[str, ...], str | None]]


def _list_effects(first: Side, second: Side, groups: Sequence[ChangeGroup]) -> Effects | None:
    """What differs where one group of changes is made alone; None where nothing can be resolved."""
    if first.study is None or first.inputs is None or second.inputs is None:
        return None
    base = _resolve(first.study)
    if base is None:
        return None
    effects: dict[str, dict[tuple[str, ...], str | None]] = {}
    for group in groups:
        variant = apply_changes(first.inputs, second.inputs, group.changes, like=first.study)
        results = None if variant is None else _resolve(variant)
        if variant is None or results is None:
            continue
        shift = (variant.settings.epoch - first.study.settings.epoch).days * DAY_S
        found = compare_outcomes(base, results, epoch_shift_s=shift)
        effects[describe_group(group)] = {
            tuple(row[key] for key in KEYS): row["after"] for row in found.iter_rows(named=True)
        }
    return effects


def _choose_cause(key: tuple[str, ...], after: str | None, effects: Effects) -> str:
    """Changes that alone give the whole difference, else those that give a part of it."""
    there = [cause for cause, found in effects.items() if key in found]
    whole = [cause for cause in there if effects[cause][key] == after]
    if whole:
        return ", and as much: ".join(whole)
    return " together with ".join(there) or TOGETHER


def _resolve(study: Study) -> Mapping[str, pl.DataFrame] | None:
    try:
        return resolve_timetable(study).results
    except ArterialError:
        return None


def _open_run(folder: Path) -> Side:
    record = read_record(folder)
    there = list_results(folder)
    results = {name: read_result(folder, name) for name in READ if name in there}
    inputs, remark = None, ""
    kept = folder / INPUTS if (folder / INPUTS).is_dir() else folder.parent.parent
    try:
        inputs = read_inputs(kept)
        study = read_study(kept)
    except ArterialError:
        study = None
    # An older run kept no inputs: those of the study serve where they are still the same.
    if study is not None and kept.name != INPUTS and study.digest != record.get("digest"):
        inputs = study = None
    if inputs is None:
        remark = f"{folder} holds no inputs that can be read, so what was changed is not known."
    stamp = {key: str(value) for key, value in record.items() if not isinstance(value, dict)}
    label = str(record.get("name") or record.get("run") or folder.name)
    return Side(label, folder, results, stamp, inputs, study, remark)


def _open_study(folder: Path) -> Side:
    inputs, study = read_inputs(folder), read_study(folder)
    for run in reversed(list_runs(folder)):
        if _is_of(run, study):
            return _open_run(run)
    stamp = make_stamp(study, "none: resolved without chance")
    remark = (
        f"{folder} has no run of its tables as they are: it was resolved without chance here. "
        f"To compare what is simulated too: arterial run {folder}"
    )
    results: Mapping[str, pl.DataFrame] = {}
    try:
        results = resolve_timetable(study).results
    except ArterialError as error:
        remark = f"{folder} cannot be resolved, so only its tables are compared: {error.message}"
    label = study.settings.name
    return Side(label, folder, results, stamp, inputs, study, remark)


def _is_of(run: Path, study: Study) -> bool:
    """Whether a run, not one of a campaign, was made from the study as it is."""
    if not any((run / f"{name}.parquet").is_file() for name in ("trips", "train_runs")):
        return False
    try:
        if read_record(run).get("digest") == study.digest:
            return True
        # Simulations of another size bear another digest.
        return (run / INPUTS).is_dir() and read_study(run / INPUTS).digest == study.digest
    except ArterialError:
        return False


def _pairs(frame: pl.DataFrame) -> dict[str, str]:
    return {str(key): str(word) for key, word in frame.iter_rows() if word is not None}
