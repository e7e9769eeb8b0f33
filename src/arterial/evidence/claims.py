"""The ledger with a verdict for every claim that stands; main function `check_claims`."""

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from arterial.evidence.claim_verdicts import ClaimVerdict, Verdict, judge_claim
from arterial.evidence.ledger import Claim, StandingClaims
from arterial.evidence.readings import write_stated
from arterial.evidence.rivals import Rivalry, compare_rivals
from arterial.evidence.subjects import Horizon, Model
from arterial.study import conform_table, empty_table, join_list

__all__ = ["check_claims"]

RESTATED: Final = "the period of the earlier claim"


def check_claims(
    standing: StandingClaims,
    tables: Mapping[str, pl.DataFrame],
    results: Mapping[str, pl.DataFrame],
    *,
    settings: Horizon,
) -> pl.DataFrame:
    """Give each claim that stands its verdict, with the calculation.

    Parameters
    ----------
    standing : StandingClaims
        Claims that stand.
    tables, results : mapping of str to DataFrame
        Study tables with their defaults and result tables; what is missing has no model.
    settings : Horizon
        Epoch and horizon of the study.

    Returns
    -------
    DataFrame
        Table ``claim_checks``, in the order of the claims.
    """
    model = Model(tables, results, settings, standing)
    cited: dict[str, list[Mapping[str, object]]] = defaultdict(list)
    for row in model.table("statement_checks").iter_rows(named=True):
        if row["claim_id"] is not None:
            cited[row["claim_id"]].append(row)
    rivals = compare_rivals(standing, model)
    rows = []
    for claim in standing:
        judged = judge_claim(claim, model, cited[claim.claim_id])
        rival = rivals[claim.claim_id]
        judged = _join_rivals(claim, judged, rival, standing)
        row = _make_row(claim, judged, rival, settings.as_of)
        rows.append({name: _show_text(value) for name, value in row.items()})
    if not rows:
        return empty_table("claim_checks")
    return conform_table("claim_checks", pl.DataFrame(rows, infer_schema_length=None))


def _join_rivals(
    claim: Claim, judged: ClaimVerdict, rival: Rivalry, standing: StandingClaims
) -> ClaimVerdict:
    """A verdict with what rivals show: an old count restated, a slip that a rival tells."""
    if rival.is_restated and judged.verdict is not Verdict.INCONSISTENT:
        earlier = standing.by_id[rival.copy_of]
        days = 0
        if claim.published is not None and earlier.published is not None:
            days = (claim.published[0] - earlier.published[1]).days
        words = (
            f"The same figure was printed on {earlier.text('published_on')} ({rival.copy_of}, of "
            f"{earlier.text('as_of') or 'no stated time'}). To be that of "
            f"{claim.text('as_of') or claim.text('published_on')} too, nothing may have been added "
            f"in {days} days."
        )
        return replace(
            judged,
            verdict=Verdict.ONLY_IF,
            reading=RESTATED,
            tried=(*judged.tried, f"{RESTATED}: fits"),
            calculation=f"{words} {judged.calculation}",
        )
    if rival.reading and judged.verdict is Verdict.INCONSISTENT:
        return replace(
            judged,
            verdict=Verdict.ONLY_IF,
            reading=rival.reading,
            tried=(*judged.tried, f"{rival.reading}: fits"),
            calculation=f"{judged.calculation} Read as {rival.reading}: {rival.words}.",
        )
    return judged


def _show_text(value: object) -> object:
    """A cell whose text shows what it holds: no control or direction marks."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(
        letter if letter.isprintable() or unicodedata.category(letter) == "Zs" else "\ufffd"
        for letter in value
    )


def _make_row(claim: Claim, judged: ClaimVerdict, rival: Rivalry, as_of: dt.date) -> dict[str, Any]:
    """Row of ``claim_checks``."""
    return {
        "claim_id": claim.claim_id,
        "group": claim.row.get("group"),
        "subject": claim.row["subject"],
        "quantity": claim.row["quantity"],
        "stated": write_stated(claim),
        "computed": judged.computed or None,
        "verdict": judged.verdict.value,
        "reading": judged.reading or None,
        "tried": join_list([text.replace(";", ",") for text in judged.tried]),
        "calculation": judged.calculation,
        "model": judged.model or None,
        "kind": claim.kind.value,
        "copy_of": rival.copy_of or None,
        "agrees_with": join_list(rival.agrees),
        "conflicts_with": join_list(rival.conflicts),
        "statements": join_list(judged.statements),
        "group_verdict": rival.verdict.value,
        "group_finding": rival.finding,
        "sources_count": rival.sources_count,
        "judged_as_of": as_of,
        "published_on": claim.row.get("published_on"),
        "source_id": claim.row.get("source_id"),
    }
