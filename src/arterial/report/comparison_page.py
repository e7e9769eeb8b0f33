"""The page that lays two runs side by side: one file, no script, in the look of the report.

The main function is `build_comparison_page`.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.bundle import hash_source, load_bundle, make_inline
from arterial.report.chances import CAUSE_WORDS, percent_text
from arterial.report.comparison import Comparison
from arterial.report.comparison_changes import render_changes, render_outcomes
from arterial.report.wording import count_text, duration_text
from arterial.study.changes import Change

__all__ = ["ABSENT_WORDS", "ERRORS_OF_CHANCE", "Names", "build_comparison_page"]

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{hash}'; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Arterial">
<title>{title}</title>
<style>{style}</style>
</head>
<body data-view="comparison">
<main>{content}</main>
</body>
</html>
"""

ERRORS_OF_CHANCE: Final = 2
"""A difference below so many of its standard errors is said to be chance, perhaps."""

WHOLE_FROM: Final = 10.0
"""Figures from here on are told without decimals."""

UNIT: Final = "range, error of runs"
LISTED: Final = 15
"""Causes and assets that are told; the rest differs less."""

UNKNOWN: Final = "\N{EM DASH}"
MINUTES_AN_HOUR: Final = 60

Names = Mapping[str, Mapping[str, str]]
"""Words for ids, by the kind of id: services, points, trains, pools."""

ABSENT_WORDS: Final = {
    "punctuality": "punctuality",
    "delays": "delay at the end",
    "journeys": "journey time",
    "handovers": "hand-overs",
    "causes": "causes of delay",
    "rotations": "coach sets",
    "lines": "other trains of the line",
    "assets": "assets",
    "derailments": "derailments",
}
"""What is compared, by the names of the comparison's tables."""
GROUP_WORDS: Final = {"works": "hosts run", "all": "all"}
COUNTED_WORDS: Final = {
    "works": "departures whose announced hosts run",
    "all": "all departures",
}
SCENARIOS: Final = {"as_is": "as it is", "renewed": "assets as new"}


def build_comparison_page(
    comparison: Comparison,
    *,
    stamps: Sequence[Mapping[str, str]],
    sentences: Sequence[str],
    names: Names,
    changes: Sequence[Change] | None = None,
    outcomes: pl.DataFrame | None = None,
) -> str:
    """Give the page of a comparison as the text of one HTML file.

    Parameters
    ----------
    comparison : Comparison
        Tables of differences.
    stamps : sequence of mapping
        What identifies the run before and the run after, by the same labels.
    sentences : sequence of str
        The comparison in plain words.
    names : Names
        Words for ids.
    changes : sequence of Change or None
        What was changed; None where one run kept no inputs.
    outcomes : DataFrame, optional
        Differences that rest on no chance, as from `compare_outcomes`.
    """
    style = make_inline(load_bundle().style, "style")
    title = "Two runs side by side"
    head = (
        f'<header class="head"><p class="eyebrow">Comparison</p><h1>{title}</h1>'
        f"{_stamp_table(stamps)}</header>"
    )
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    words = f'<section><h2>In plain words</h2><ul class="sentences">{items}</ul></section>'
    certain = render_changes(changes) + render_outcomes(outcomes, names)
    sections = certain + "".join(_list_sections(comparison, names))
    return PAGE.format(
        hash=hash_source(style), title=title, style=style, content=head + words + sections
    )


def _stamp_table(stamps: Sequence[Mapping[str, str]]) -> str:
    labels = list(dict.fromkeys(label for stamp in stamps for label in stamp))
    rows = []
    for label in labels:
        values = [stamp.get(label, UNKNOWN) for stamp in stamps]
        is_same = len(set(values)) == 1
        cells = "".join(f"<td>{html.escape(value)}</td>" for value in values)
        mark = "" if is_same else ' class="differs"'
        rows.append(f"<tr{mark}><th scope='row'>{html.escape(label)}</th>{cells}</tr>")
    head = "<tr><th></th><th scope='col'>Before</th><th scope='col'>After</th></tr>"
    table = f"<thead>{head}</thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table class="stamps">{table}</table></div>'


def _list_sections(comparison: Comparison, names: Names) -> Iterator[str]:
    for name, (title, make) in SECTIONS.items():
        if name in comparison.tables:
            body = make(comparison.tables[name], names)
        else:
            lacking = comparison.absent.get(name, "both runs")
            subject = ABSENT_WORDS[name]
            body = f'<p class="missing">Not compared: {lacking} did not simulate {subject}.</p>'
        yield f"<section><h2>{title}</h2>{body}</section>"


def _compare_table(
    heads: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Mapping[str, Any]]],
    show: Callable[[float], str],
    *,
    show_change: Callable[[float], str],
    is_share: bool = False,
) -> str:
    """A table of before, after and difference; each with its error and range below it."""
    titles = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    chart = '<th scope="col">0 to 100 %</th>' if is_share else ""
    numbers = "".join(
        f'<th scope="col" class="number">{head}<span class="unit">{UNIT}</span></th>'
        for head in ("Before", "After", "Difference")
    )
    body, first = [], None
    for labels, row in rows:
        # A name that stands above is not written again.
        shown = ["" if labels[0] == first else labels[0], *labels[1:]]
        is_same, first = labels[0] == first, labels[0]
        words = "".join(f"<td>{html.escape(label)}</td>" for label in shown)
        marks = f"<td>{_plot_shares(row)}</td>" if is_share else ""
        cells = "".join(
            f'<td class="number">{_estimate(row, side, how)}</td>'
            for side, how in (("before", show), ("after", show), ("difference", show_change))
        )
        body.append(f'<tr class="{"same" if is_same else "first"}">{words}{marks}{cells}</tr>')
    head = f"<thead><tr>{titles}{chart}{numbers}</tr></thead>"
    table = f"{head}<tbody>{''.join(body)}</tbody>"
    return f'<div class="scroll"><table class="likely comparison">{table}</table></div>'


def _estimate(row: Mapping[str, Any], side: str, show: Callable[[float], str]) -> str:
    value = row[side]
    if value is None:
        return UNKNOWN
    low, high, error = (row[f"{side}_{part}"] for part in ("low", "high", "error"))
    if side == "difference" and value == 0:
        return '<span class="range">no change</span>'
    notes = []
    if low is not None and high is not None:
        notes.append(_ends(show(low), show(high)))
    if error is not None:
        is_share = show in {percent_text, _change_share}
        size = f"{100 * error:.1f} %" if is_share else show(error).removeprefix("+")
        size = "< 1 min" if size == "0 min" else size
        notes.append(f"± {size}")
    lines = [html.escape(show(value))]
    if notes:
        lines.append(f'<span class="spread">{html.escape(", ".join(notes))}</span>')
    if side == "difference" and error is not None and abs(value) < ERRORS_OF_CHANCE * error:
        lines.append('<span class="spread">may be chance</span>')
    return f'<span class="range">{"".join(lines)}</span>'


def _ends(low: str, high: str) -> str:
    """Two ends, the sign of percentages written once."""
    is_shared = low.endswith(" %") and high.endswith(" %") and low[0].isdigit()
    return f"{low.removesuffix(' %') if is_shared else low} to {high}"


def _in_order(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Rows by the first key as it first appears, then by the others."""
    place = pl.col("row").min().over(keys[0])
    numbered = table.with_row_index("row").with_columns(place=place)
    return numbered.sort("place", *keys[1:], maintain_order=True)


def _plot_shares(row: Mapping[str, Any]) -> str:
    """Two marks from 0 to 100 %: hollow before, solid after, ranges as bands."""
    width, parts = 140.0, ['<rect class="ground" x="0" y="8" width="140" height="4"/>']
    for side, y in (("before", 4.0), ("after", 16.0)):
        value, low, high = row[side], row[f"{side}_low"], row[f"{side}_high"]
        if value is None:
            continue
        if low is not None and high is not None:
            reach = f'x="{low * width:.1f}" y="{y - 2}" width="{(high - low) * width:.1f}"'
            parts.append(f'<rect class="reach" {reach} height="4"/>')
        parts.append(f'<circle class="{side}" cx="{value * width:.1f}" cy="{y}" r="3.5"/>')
    return f'<svg class="pair" viewBox="-5 -2 150 24" aria-hidden="true">{"".join(parts)}</svg>'


def _change_share(change: float) -> str:
    sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else ""
    return f"{sign}{abs(100 * change):.1f} %"


def _minutes(minutes: float) -> str:
    text = duration_text(minutes / MINUTES_AN_HOUR)
    return text.replace("-", "\N{MINUS SIGN}")


def _change_minutes(change: float) -> str:
    text = _minutes(change)
    return f"+{text}" if change > 0 and not text.startswith("0") else text


def _number(value: float) -> str:
    return f"{value:.2g}" if abs(value) < WHOLE_FROM else f"{value:,.0f}".replace(",", "\u202f")


def _change_number(value: float) -> str:
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{_number(abs(value))}"


def _name(names: Names, kind: str, key: object) -> str:
    return UNKNOWN if key is None else names.get(kind, {}).get(str(key), str(key))


def _group(row: Mapping[str, Any]) -> str:
    return GROUP_WORDS.get(row["group_id"], str(row["group_id"]))


def _punctuality(table: pl.DataFrame, names: Names) -> str:
    measures = {
        "announced_day": "on the announced day (counted as {})",
        "announced_duration": "within {} as announced",
        "arrival_tolerance": "at most {} after the planned arrival",
        "cancelled": "not at all: cancelled, not left within {}",
        "broken_off": "not at all: broken off, no host within {}",
    }
    rows = []
    for row in _in_order(table, "service_id", "measure", "limit_h", "group_id").iter_rows(
        named=True
    ):
        measure = measures.get(row["measure"], "{}").format(duration_text(row["limit_h"]))
        rows.append(((_name(names, "services", row["service_id"]), measure, _group(row)), row))
    heads = ("Service", "Arrives", "Departures")
    return _compare_table(heads, rows, percent_text, show_change=_change_share, is_share=True)


def _delays(table: pl.DataFrame, names: Names) -> str:
    rows = [
        ((_name(names, "services", row["service_id"]), _group(row)), row)
        for row in _in_order(table, "service_id", "group_id").iter_rows(named=True)
    ]
    return _compare_table(("Service", "Departures"), rows, _minutes, show_change=_change_minutes)


def _handovers(table: pl.DataFrame, names: Names) -> str:
    rows = []
    for row in _in_order(table, "service_id", "group_id", "sequence").iter_rows(named=True):
        place = _name(names, "points", row["point_id"])
        train = row["to_train_id"]
        where = f"{place} to train {_name(names, 'trains', train)}" if train else place
        rows.append(((_name(names, "services", row["service_id"]), where, _group(row)), row))
    heads = ("Service", "Hand-over", "Departures")
    return _compare_table(heads, rows, percent_text, show_change=_change_share, is_share=True)


def _causes(table: pl.DataFrame, names: Names) -> str:
    """Kinds of cause of each service, then the single causes that changed most."""
    group = "works" if "works" in table["group_id"].to_list() else "all"
    of_group = table.filter(pl.col("group_id") == group)
    roots = of_group.filter(pl.col("parent_id").is_null())["cause_id"].to_list()
    kinds = of_group.filter(pl.col("parent_id").is_in(roots) | pl.col("parent_id").is_null())
    kinds = kinds.with_columns(size=-pl.col("before").fill_null(0))
    rows = [
        ((_name(names, "services", row["service_id"]), _kind(row)), row)
        for row in _in_order(kinds, "service_id", "size").iter_rows(named=True)
    ]
    leaves = of_group.filter(pl.col("rank").is_not_null()).sort(
        pl.col("difference").abs(), descending=True, nulls_last=True
    )
    items = [
        ((str(row["name"] or row["cause_id"]), _name(names, "services", row["service_id"])), row)
        for row in leaves.head(LISTED).iter_rows(named=True)
    ]
    counted = f'<p class="quiet">Counted: {COUNTED_WORDS[group]}; mean delay of a trip.</p>'
    by_kind = _compare_table(("Service", "Kind"), rows, _minutes, show_change=_change_minutes)
    single = _compare_table(("Cause", "Service"), items, _minutes, show_change=_change_minutes)
    heading = f"<h3>The {count_text(len(items), 'single cause')} that changed most</h3>"
    return f"{counted}{by_kind}{heading}{single}"


def _kind(row: Mapping[str, Any]) -> str:
    if row["parent_id"] is None:
        return "all delay at the end"
    return CAUSE_WORDS.get(str(row["cause"]), str(row["cause"]).replace("_", " "))


def _rotations(table: pl.DataFrame, names: Names) -> str:
    rows = [
        ((_name(names, "pools", row["pool_id"]), f"{row['spare_sets'] or 'no'} spare"), row)
        for row in table.iter_rows(named=True)
    ]
    heads = ("Coach sets", "Spare sets")
    return _compare_table(heads, rows, percent_text, show_change=_change_share, is_share=True)


def _lines(table: pl.DataFrame, _names: Names) -> str:
    rows = [
        ((str(row["train_key"]), SCENARIOS.get(row["scenario"], str(row["scenario"]))), row)
        for row in table.iter_rows(named=True)
    ]
    return _compare_table(("Train", "Line"), rows, _minutes, show_change=_change_minutes)


def _assets(table: pl.DataFrame, names: Names) -> str:
    hours = [pl.col(name) / MINUTES_AN_HOUR for name in table.columns if _is_figure(name)]
    order = pl.col("difference").abs()
    changed = table.with_columns(hours).sort(order, descending=True, nulls_last=True)
    rows = [
        (
            (
                str(row["asset_id"]),
                str(row["kind"]).replace("_", " "),
                _name(names, "sections", row["section_id"]),
            ),
            row,
        )
        for row in changed.head(LISTED).iter_rows(named=True)
    ]
    common = table.drop_nulls("difference").height
    lead = (
        f'<p class="quiet">Delay of all trains in hours a year; the {len(rows)} that changed most '
        f"of {common} that both runs hold.</p>"
    )
    heads = ("Asset", "Kind", "Section")
    return lead + _compare_table(heads, rows, _number, show_change=_change_number)


def _derailments(table: pl.DataFrame, names: Names) -> str:
    order = pl.col("difference").abs()
    changed = table.sort(order, descending=True, nulls_last=True).head(LISTED)
    rows = [
        ((_name(names, "sections", row["section_id"]),), row)
        for row in changed.iter_rows(named=True)
    ]
    lead = '<p class="quiet">Derailments a year by section, those that changed most.</p>'
    return lead + _compare_table(("Section",), rows, _number, show_change=_change_number)


def _is_figure(name: str) -> bool:
    return name.startswith(("before", "after", "difference"))


Section = Callable[[pl.DataFrame, Names], str]

SECTIONS: Final[Mapping[str, tuple[str, Section]]] = {
    "punctuality": ("Arriving in time", _punctuality),
    "delays": ("Mean delay at the end", _delays),
    "journeys": ("Mean simulated journey time", _delays),
    "handovers": ("Missed hand-overs", _handovers),
    "rotations": ("Departures without a coach set", _rotations),
    "causes": ("Causes of delay", _causes),
    "assets": ("Assets", _assets),
    "lines": ("Other trains", _lines),
    "derailments": ("Derailments", _derailments),
}
"""Title and content of each section, in the order of the page."""
