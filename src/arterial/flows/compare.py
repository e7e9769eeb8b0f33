"""Two runs or studies laid side by side; main function `compare_runs`.

First what was changed, then what that did to verdicts, times and findings, then what was simulated.
What one side lacks is named and left out; nothing is refused but what is no run and no study.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import polars as pl

    from arterial.flows.compared_sides import Side
    from arterial.report.comparison import Comparison
    from arterial.study.changes import Change

__all__ = ["ComparedRuns", "compare_runs"]

LISTED_ROWS: Final = 500
"""Rows of causes and assets in the record: of more, those that differ most."""


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """What came of a comparison.

    Parameters
    ----------
    summary : tuple of str
        The comparison in plain words.
    record : dict
        Runs, changes, differences and what is absent, ready for JSON; of long tables the rows that
        differ most.
    page : Path or None
        The page, where one was asked for.
    answer : tuple of str
        What came of each side, as its own run tells it; one sentence where both are the same, none
        where nothing tells it.
    """

    summary: tuple[str, ...]
    record: dict[str, Any]
    page: Path | None
    answer: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        """Show the comparison in a notebook."""
        from arterial.report.notebook import sentences_html

        return sentences_html((*self.answer, *self.summary), self.page)


def compare_runs(
    before: Path | str, after: Path | str, *, output: Path | str | None = None
) -> ComparedRuns:
    """Compare two runs or studies: inputs, verdicts, times, findings, simulated operations.

    Parameters
    ----------
    before, after : Path or str
        Folder of a run, or ``STUDY:NAME``; a study's folder stands for the newest run of its tables
        as they are, and is resolved without chance where there is none.
    output : Path or str, optional
        Page to write.

    Returns
    -------
    ComparedRuns
        Sentences, differences, and the page if one was asked for.

    Raises
    ------
    StudyError
        If a place holds neither a run nor a study, or the study has faults.
    """
    from arterial.flows.compared_sides import explain_outcomes, open_side
    from arterial.report.comparison import compare_results
    from arterial.report.comparison_page import build_comparison_page
    from arterial.report.outcome_changes import compare_outcomes
    from arterial.report.page import write_page
    from arterial.study.changes import list_changes
    from arterial.study.run_folder import REPORT, list_input_files
    from arterial.units import DAY_S
    from arterial.writing import refuse_output

    if output is not None:
        places = [Path(place) for place in (before, after)]
        read = [file for place in places for file in (place / REPORT, *list_input_files(place))]
        refuse_output(Path(output), inputs=read, makes_folder=True)
    sides = (open_side(before), open_side(after))
    # Rows by key, whatever their order; an older run that kept no inputs tells nothing of them.
    changes: tuple[Change, ...] | None = None
    shift_s = 0
    if sides[0].inputs is not None and sides[1].inputs is not None:
        changes = list_changes(sides[0].inputs, sides[1].inputs)
        epochs = [side.inputs.settings.epoch for side in sides if side.inputs is not None]
        shift_s = (epochs[1] - epochs[0]).days * DAY_S
    # What rests on no chance, and which change makes each difference.
    outcomes = compare_outcomes(sides[0].results, sides[1].results, epoch_shift_s=shift_s)
    outcomes = explain_outcomes(outcomes, sides, changes or ())
    # What was simulated: trip by trip where both met the same chances.
    comparison = compare_results(sides[0].results, sides[1].results)
    names = _merge_names(sides)
    stamps = [_make_stamp(side) for side in sides]
    summary = tuple(_summarise(sides, changes, outcomes, comparison, names))
    answer = tuple(_list_answers(sides))
    page = None
    if output is not None:
        text = build_comparison_page(
            comparison,
            stamps=stamps,
            sentences=(*answer, *summary),
            names=names,
            changes=changes,
            outcomes=outcomes,
        )
        page = write_page(output, text)
    record = _make_record(sides, changes, outcomes, comparison, summary)
    return ComparedRuns(summary, {"answer": list(answer)} | record, page, answer)


def _list_answers(sides: "Sequence[Side]") -> Iterator[str]:
    """The answer of each side in its own words, of both at once where they are the same."""
    from arterial.report import answer_study

    heads = [
        "" if side.study is None else answer_study(side.study, side.results).headline
        for side in sides
    ]
    if heads[0] and heads[0] == heads[1]:
        yield f"Before and after: {heads[0]}"
        return
    for when, head in zip(("Before", "After"), heads, strict=True):
        if head:
            yield f"{when}: {head}"


def _merge_names(sides: "Sequence[Side]") -> dict[str, dict[str, str]]:
    """Words for ids of both sides, those after where they differ."""
    names: dict[str, dict[str, str]] = {}
    for side in sides:
        for kind, words in side.list_names().items():
            names.setdefault(kind, {}).update(words)
    return names


def _make_stamp(side: "Side") -> dict[str, str]:
    """What identifies a run and its simulation."""
    labels = {"digest": "digest of the study", "as_of": "evidence as of"}
    stamp = {labels.get(key, key): value for key, value in side.stamp.items()}
    stamp["folder"] = str(side.folder)
    runs = side.results.get("simulation_runs")
    if runs is not None:
        for row in runs.iter_rows(named=True):
            words = (
                f"{row['draws_count']} draws, {row['replications_count']} replications, "
                f"seed {row['seed']}, parameters {row['parameter_set']}"
            )
            stamp[f"simulated {row['simulation_id']}"] = words
    return stamp


def _summarise(
    sides: "Sequence[Side]",
    changes: "tuple[Change, ...] | None",
    outcomes: "pl.DataFrame",
    comparison: "Comparison",
    names: Mapping[str, Mapping[str, str]],
) -> Iterator[str]:
    """The comparison in plain words: changes, what came of them, chances, what is lacking."""
    from arterial.report.comparison_words import (
        describe_chances,
        describe_changes,
        find_cause_of_all,
    )
    from arterial.report.outcome_words import describe_outcomes

    # Two runs of one study bear its name both; their places tell them apart.
    labels = [side.label for side in sides]
    if labels[0] == labels[1]:
        labels = [str(side.folder) for side in sides]
    yield f"Before: {labels[0]}. After: {labels[1]}."
    if changes is not None:
        yield from describe_changes(changes)
    yield from describe_outcomes(outcomes, names, [side.results for side in sides])
    yield from describe_chances(comparison, names, [side.stamp for side in sides])
    if any((frame["difference"].fill_null(0) != 0).any() for frame in comparison.tables.values()):
        stamps = [side.stamp for side in sides]
        cause = None if changes is None else find_cause_of_all(changes, stamps)
        yield (
            f"Cause of what differs in simulation: {cause}."
            if cause
            else "What is simulated is not taken apart by change; causes of delay are compared."
        )
    yield from dict.fromkeys(side.remark for side in sides if side.remark)


def _make_record(
    sides: "Sequence[Side]",
    changes: "tuple[Change, ...] | None",
    outcomes: "pl.DataFrame",
    comparison: "Comparison",
    summary: tuple[str, ...],
) -> dict[str, Any]:
    from arterial.report.outcome_changes import group_outcomes

    grouped = group_outcomes(outcomes)
    return {
        "before": str(sides[0].folder),
        "after": str(sides[1].folder),
        "is_paired": comparison.is_paired,
        "absent": dict(comparison.absent),
        "summary": list(summary),
        "changes": None if changes is None else list(_list_cells(changes)),
        "outcomes": [
            {**row, "days": [day.isoformat() for day in row["days"]]}
            for row in grouped.head(LISTED_ROWS).iter_rows(named=True)
        ],
        "outcomes_count": grouped.height,
        "differences": {
            name: _keep_changed(frame).to_dicts() for name, frame in comparison.tables.items()
        },
    }


def _list_cells(changes: "Sequence[Change]") -> Iterator[dict[str, Any]]:
    """One record a value: table, row, column, before and after."""
    for change in changes:
        for cell in change.cells:
            yield {
                "table": change.table,
                "file": change.file,
                "key": " ".join(str(value) for value in change.key if value is not None),
                "change": str(change.kind),
                "row_before": change.row_before,
                "row_after": change.row_after,
                "column": cell.column,
                "before": cell.before or None,
                "after": cell.after or None,
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
