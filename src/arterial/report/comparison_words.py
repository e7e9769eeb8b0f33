"""A comparison of two runs in plain words: what was changed, what came of it, and why.

Main functions: `describe_changes`, `describe_group` and `describe_chances`; what rests on no chance
is worded in `arterial.report.outcome_changes`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.chances import CAUSE_WORDS, percent_text
from arterial.report.comparison import Comparison
from arterial.report.comparison_page import ABSENT_WORDS, ERRORS_OF_CHANCE
from arterial.report.wording import count_text, duration_text, join_words
from arterial.study.changes import Change, ChangeGroup, ChangeKind, group_changes
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["describe_chances", "describe_changes", "describe_group", "find_cause_of_all"]

CHANGES_IN_WORDS: Final = 8
CELLS_IN_WORDS: Final = 3
CAUSES_IN_WORDS: Final = 2
LONGEST_VALUE: Final = 60
MINUTES_AN_HOUR: Final = HOUR_S / MINUTE_S
MOST_GROUPS: Final = 12
"""Groups of changes whose effects are told apart."""
SMALLEST_MIN: Final = 0.5
"""Change of a mean below which a cause of delay is not named [min]."""


def describe_changes(changes: Sequence[Change]) -> Iterator[str]:
    """Give what was changed: row, column, before and after; of many the first, then counts."""
    if not changes:
        yield "Changed: nothing; settings and tables of both are the same."
        return
    for change in changes[:CHANGES_IN_WORDS]:
        yield f"Changed: {_describe_change(change)}."
    rest = changes[CHANGES_IN_WORDS:]
    if rest:
        tables = dict.fromkeys(change.table for change in rest)
        counts = [f"{table} ({sum(change.table == table for change in rest)})" for table in tables]
        more = count_text(len(rest), "more row")
        yield f"Changed: {more}, in {join_words(counts)}; all stand on the page and in --json."


def describe_group(group: ChangeGroup) -> str:
    """Name changes that are made together by the first of them."""
    first, *rest = group.changes
    tables = {change.table for change in group.changes}
    if len(tables) > 1 and len(group.changes) > CHANGES_IN_WORDS:
        return f"{len(group.changes)} changes of {len(tables)} tables made together"
    words = _describe_change(first)
    return f"{words}, with {count_text(len(rest), 'more row')}" if rest else words


def find_cause_of_all(changes: Sequence[Change], stamps: Sequence[Mapping[str, str]]) -> str | None:
    """Give the one thing that differs between two runs whose inputs are known, where it is one.

    Parameters
    ----------
    changes : sequence of Change
        What was changed between the two.
    stamps : sequence of mapping
        What identifies the run before and the one after.

    Returns
    -------
    str or None
        Words for it; None where several things differ or nothing does.
    """
    groups = group_changes(changes, most=MOST_GROUPS)
    if len(groups) == 1:
        return describe_group(groups[0])
    versions = [stamp.get("arterial", "") for stamp in stamps]
    if not groups and versions[0] != versions[1]:
        return f"the program, version {versions[0]} before and {versions[1]} after"
    return None


def _describe_change(change: Change) -> str:
    key = " ".join(str(value) for value in change.key if value is not None)
    row = change.row_before if change.row_after is None else change.row_after
    place = change.file if row is None else f"{change.file} row {row}"
    if change.kind is not ChangeKind.CHANGED:
        return f"{change.table} {key} {change.kind} ({place})"
    cells = [
        f"{cell.column} {_short(cell.before)} \N{RIGHTWARDS ARROW} {_short(cell.after)}"
        for cell in change.cells[:CELLS_IN_WORDS]
    ]
    more = len(change.cells) - CELLS_IN_WORDS
    if more > 0:
        cells.append(count_text(more, "more column"))
    if change.file == f"{change.table}.toml":
        return f"{', '.join(cells)} ({place})"
    return f"{change.table} {key}: {', '.join(cells)} ({place})"


def _short(value: str) -> str:
    if not value:
        return "empty"
    return (
        value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}\N{HORIZONTAL ELLIPSIS}"
    )


def describe_chances(
    comparison: Comparison,
    names: Mapping[str, Mapping[str, str]],
    stamps: Sequence[Mapping[str, str]],
) -> Iterator[str]:
    """Give what differs in simulated operations; within twice its error it is said to be chance.

    Parameters
    ----------
    comparison : Comparison
        Tables of differences.
    names : mapping
        Words for ids by kind.
    stamps : sequence of mapping
        What identifies the run before and the run after.
    """
    if not comparison.tables:
        yield "Simulation: not compared, since not both hold simulated operations."
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
    yield from _describe_times(comparison, services)
    if comparison.is_paired:
        yield (
            "Both runs met the same chances, so all departures are compared trip by trip; the "
            "other differences bear the errors of both runs, rather too much than too little."
        )
    else:
        yield (
            "The runs met different chances, so the errors of both stand in each difference; "
            f"with the same {_list_unlike(stamps)} they are compared trip by trip."
        )
    if comparison.absent:
        lacking = "; ".join(
            f"{ABSENT_WORDS[name]} ({who})" for name, who in comparison.absent.items()
        )
        yield f"Not compared, since not simulated: {lacking}."


def _list_unlike(stamps: Sequence[Mapping[str, str]]) -> str:
    seeds = {stamp.get("seed") for stamp in stamps}
    return "seed, draws and replications" if len(seeds) > 1 else "draws and replications"


def _describe_times(comparison: Comparison, services: Mapping[str, str]) -> Iterator[str]:
    """Mean simulated journey and delay of each service, with the causes of delay that changed."""
    for table, noun in (("journeys", "takes"), ("delays", "is late at the end by")):
        if table not in comparison.tables:
            continue
        own = comparison.tables[table].filter(pl.col("group_id") == "all")
        for row in own.drop_nulls(["before", "after"]).iter_rows(named=True):
            name = services.get(row["service_id"], row["service_id"])
            sides = [duration_text(row[side] * MINUTE_S / HOUR_S) for side in ("before", "after")]
            yield (
                f"Computed by simulation: {name} {noun} {sides[0]} before and {sides[1]} after on "
                f"average ({_word_minutes(row)}){_describe_causes(comparison, row, table)}."
            )


def _word_minutes(row: Mapping[str, Any]) -> str:
    change, error = row["difference"], row["difference_error"]
    if change == 0:
        return "no change"
    text = _sign_minutes(change)
    if error is None:
        return text
    doubt = "; this may be chance" if abs(change) < ERRORS_OF_CHANCE * error else ""
    return f"{text} ± {_word_span(error)}{doubt}"


def _word_span(minutes: float) -> str:
    """Minutes with a tenth; from an hour on in the units of the journey beside it."""
    if minutes < MINUTES_AN_HOUR:
        return f"{minutes:.1f} min"
    return duration_text(minutes / MINUTES_AN_HOUR)


def _sign_minutes(change: float) -> str:
    """A change with its sign; only that sign is a minus, whatever the words around it hold."""
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    return f"{sign}{_word_span(abs(change))}"


def _describe_causes(comparison: Comparison, row: Mapping[str, Any], table: str) -> str:
    """The kinds of cause whose share of the delay changed most."""
    if table != "delays" or "causes" not in comparison.tables or row["difference"] == 0:
        return ""
    own = comparison.tables["causes"].filter(
        (pl.col("service_id") == row["service_id"]) & (pl.col("group_id") == "all")
    )
    roots = own.filter(pl.col("parent_id").is_null())["cause_id"].to_list()
    kinds = own.filter(
        pl.col("parent_id").is_in(roots) & (pl.col("difference").abs() >= SMALLEST_MIN)
    ).sort(pl.col("difference").abs(), descending=True)
    words = [
        f"{CAUSE_WORDS.get(str(kind['cause']), str(kind['cause']).replace('_', ' '))} "
        f"{_sign_minutes(kind['difference'])}"
        for kind in kinds.head(CAUSES_IN_WORDS).iter_rows(named=True)
    ]
    return f", of which {join_words(words)}" if words else ""


def _word_change(row: Mapping[str, Any]) -> str:
    """A change of a share in percentage points; within twice its error it may be chance."""
    change, error = row["difference"], row["difference_error"]
    if change == 0:
        return "no change"
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    points = f"{sign}{abs(100 * change):.1f} percentage points"
    if error is None:
        return points
    doubt = "; this may be chance" if abs(change) < ERRORS_OF_CHANCE * error else ""
    return f"{points}, ± {100 * error:.1f}{doubt}"


def _main_rows(table: pl.DataFrame, measure: str) -> list[dict[str, Any]]:
    """One row a service: all departures, within the shortest announced duration."""
    own = table.filter((pl.col("measure") == measure) & (pl.col("group_id") == "all"))
    known = own.drop_nulls(["before", "after"]).sort("limit_h", maintain_order=True)
    return known.unique("service_id", keep="first", maintain_order=True).to_dicts()
