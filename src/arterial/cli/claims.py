"""The command ``arterial claims``: the ledger of a study, its verdicts and their calculation."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from arterial.cli.printing import AsJson, StudyFolder, Verbose, fit_lines, print_result
from arterial.cli.timetable import read_date
from arterial.writing import refuse_output, write_whole

if TYPE_CHECKING:
    import polars as pl

    from arterial.evidence.ledger import Claim
    from arterial.flows.claims import JudgedClaims

__all__ = ["AsKnownDay", "claims"]

AsKnownDay = Annotated[
    str | None,
    typer.Option(
        "--as-known", help="Leave out what was published or read after this day.", metavar="DATE"
    ),
]
_TOLD: Final = frozenset({"inconsistent", "only_if"})
_REASONS: Final = {
    "not_yet": "not yet published",
    "perhaps": "dated to a month or year that had only begun",
    "retracted": "retracted",
    "superseded": "superseded",
    "corrected": "corrected",
}


def claims(
    study: StudyFolder,
    claim_id: Annotated[
        str | None,
        typer.Argument(metavar="CLAIM_ID", help="Show the calculation of this claim alone."),
    ] = None,
    group: Annotated[str | None, typer.Option(help="Only this conflict group.")] = None,
    verdict: Annotated[
        str | None,
        typer.Option(help="Only inconsistent, only_if, consistent, cannot_tell or no_model."),
    ] = None,
    as_known: AsKnownDay = None,
    csv: Annotated[Path | None, typer.Option(help="Write the rows to this file instead.")] = None,
    claimreview: Annotated[
        Path | None,
        typer.Option(help="Write ClaimReview JSON-LD to this file instead.", metavar="FILE.json"),
    ] = None,
    *,
    is_verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Hold every claim of the ledger against the model and against its rivals."""
    from arterial.compute import Workers
    from arterial.flows.claims import find_claim, judge_claims, select_claims
    from arterial.study.run_folder import list_input_files

    day = None if as_known is None else read_date(as_known)
    for file in (csv, claimreview):
        if file is not None:
            refuse_output(file, inputs=list_input_files(study))
    with Workers(os.cpu_count() or 1, module="arterial.flows.claims") as team:
        judged = judge_claims(study, as_known=day, workers=team)
    if claim_id is not None:
        row, claim = find_claim(judged, claim_id)
        _print_one(row, claim, as_json=as_json)
        return
    rows = select_claims(judged.checks, group=group, verdict=verdict)
    if csv is not None or claimreview is not None:
        _write_files(judged, rows, csv, claimreview)
        return
    result = {
        "study": str(study),
        "as_known": as_known,
        "basis": judged.basis,
        "counts": judged.counts,
        "left_out": dict(judged.left_out),
        "claims": json.loads(rows.write_json()),
    }
    is_selected = group is not None or verdict is not None
    text = _format_ledger(judged, rows.to_dicts(), is_verbose=is_verbose, is_selected=is_selected)
    print_result(result, text, as_json=as_json)


def _write_files(
    judged: "JudgedClaims",
    rows: "pl.DataFrame",
    csv: Path | None,
    claimreview: Path | None,
) -> None:
    """Write the rows as a sheet, as ClaimReview, or as both."""
    from arterial.evidence.claim_review import write_claim_reviews
    from arterial.study.csvtext import format_sheet

    if csv is not None:
        write_whole(csv, format_sheet(rows))
        typer.echo(f"Wrote {csv}: {rows.height} claims.")
    if claimreview is not None:
        sources = judged.study.table("sources")
        text = write_claim_reviews(rows, sources, title=judged.study.settings.title)
        write_whole(claimreview, text)
        typer.echo(f"Wrote {claimreview}: {rows.height} reviews.")


def _format_ledger(
    judged: "JudgedClaims",
    rows: list[dict[str, Any]],
    *,
    is_verbose: bool,
    is_selected: bool,
) -> str:
    """The ledger as text: counts first, then the claims that do not hold as worded."""
    counts = judged.counts
    first = (
        f"{judged.checks.height} claims stand: {counts['inconsistent']} inconsistent, "
        f"{counts['only_if']} only if read another way, {counts['consistent']} consistent, "
        f"{counts['cannot_tell']} cannot be told, {counts['no_model']} without a model."
    )
    head = [first, *(_plain(line) for line in judged.states)]
    told = rows if is_selected or is_verbose else [one for one in rows if one["verdict"] in _TOLD]
    lines = [_format_row(row) for row in told]
    left = [f"{count} {_REASONS.get(why, why)}" for why, count in judged.left_out.items()]
    end = [f"Held against {_plain(judged.basis)}."]
    if left:
        end.append(f"Left out: {', '.join(left)}.")
    if judged.note:
        end.append(_plain(judged.note))
    if is_verbose or is_selected:
        return "\n".join([*head, *lines, *end])
    return "\n".join(fit_lines(head, lines, end, more="more: --verbose, or --csv FILE"))


def _format_row(row: dict[str, Any]) -> str:
    """One claim on a line."""
    reading = f" ({row['reading']})" if row["reading"] else ""
    computed = f"; model {row['computed']}" if row["computed"] else ""
    words = row["verdict"].replace("_", " ")
    return _plain(
        f"{row['claim_id']}  {words}{reading}: {row['subject']}, {row['quantity']}: "
        f"{row['stated']}{computed}"
    )


def _print_one(row: dict[str, Any] | None, claim: "Claim", *, as_json: bool) -> None:
    """One claim with its calculation, its readings and its rivals."""
    lines = [f"{claim.claim_id}: {claim.text('subject')}, {claim.text('quantity')}"]
    if row is None:
        when = claim.text("retracted_on")
        later = claim.text("superseded_by")
        why = "corrected by another, or not known on that day"
        why = f"superseded by {later}" if later else why
        why = f"retracted on {when}" if when else why
        lines.append(f"It does not stand: {why}.")
        fate: dict[str, Any] = {"claim_id": claim.claim_id, "stands": False, "why": why}
        print_result(fate, "\n".join(map(_plain, lines)), as_json=as_json)
        return
    reading = f", {row['reading']}" if row["reading"] else ""
    lines += [
        f"Verdict: {row['verdict'].replace('_', ' ')}{reading}.",
        f"States {row['stated']}; the model gives {row['computed'] or 'nothing'}.",
        f"Calculation: {row['calculation']}",
    ]
    lines += [f"Tried {text}." for text in (row["tried"] or "").split(";") if text]
    lines += [f"Repeats {row['copy_of']}."] if row["copy_of"] else []
    if row["group"]:
        lines.append(f"Group {row['group']}: {row['group_finding']}")
    result = {key: str(value) if hasattr(value, "year") else value for key, value in row.items()}
    print_result(result, "\n".join(map(_plain, lines)), as_json=as_json)


def _plain(text: str) -> str:
    """Text that a terminal shows as it stands: no control or direction marks."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
