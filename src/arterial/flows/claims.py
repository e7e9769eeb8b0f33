"""The ledger of a study with its verdicts; main function `judge_claims`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from arterial.compute import ALONE, Workers
from arterial.errors import StudyError
from arterial.evidence.as_known import take_as_known
from arterial.evidence.ledger import Claim, Ledger, read_ledger
from arterial.evidence.service_dates import describe_states
from arterial.evidence.subjects import Model
from arterial.flows.run import judge_ledger, resolve_timetable
from arterial.study import Study, apply_defaults, read_study
from arterial.study.faults import find_near_names
from arterial.study.run_folder import list_runs
from arterial.study.run_record import list_results, read_record, read_result
from arterial.study.study import require_run_tables

__all__ = ["JudgedClaims", "find_claim", "judge_claims", "select_claims"]

VERDICTS: Final = ("inconsistent", "only_if", "consistent", "cannot_tell", "no_model")
"""Verdicts in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class JudgedClaims:
    """The ledger of a study, judged.

    Parameters
    ----------
    study : Study
        The study, as known on the day asked for.
    checks : DataFrame
        Table ``claim_checks``: the claims that stand.
    left_out : mapping of str to int
        Claims that do not stand, by reason.
    basis : str
        What they were held against, in words.
    states : tuple of str
        For each pair of places what was suspended, expected and resumed.
    note : str
        What is not known on the day asked for; empty where none was.
    """

    study: Study
    checks: pl.DataFrame
    left_out: Mapping[str, int]
    basis: str
    states: tuple[str, ...] = ()
    note: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Claims by verdict, in the order in which verdicts are told."""
        found = Counter(self.checks["verdict"].to_list())
        return {verdict: found.get(verdict, 0) for verdict in VERDICTS}


def judge_claims(
    path: Path | str, *, as_known: date | None = None, workers: Workers = ALONE
) -> JudgedClaims:
    """Hold every claim of a study that stands against the model and against its rivals.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    as_known : datetime.date, optional
        What was published or read later is left out.
    workers : Workers
        Who shares the work, where no run is at hand.

    Returns
    -------
    JudgedClaims
        From the newest run of these very inputs; without one the timetable is resolved without
        chance. A study without trains is judged by its tables alone.

    Raises
    ------
    StudyError
        With every fault of the study.
    """
    study, note = read_study(Path(path)), ""
    left_out = dict(read_ledger(study.tables).standing(as_known).left_out)
    if as_known is not None:
        known = take_as_known(study, as_known)
        study, note = known.study, known.describe()
    tables: Mapping[str, pl.DataFrame] = {
        name: apply_defaults(study, name) for name in study.tables
    }
    results, basis = _find_run(study)
    if not basis:
        try:
            require_run_tables(study)
        except StudyError:
            basis = "the tables of the study, which has no trains"
        else:
            resolved = resolve_timetable(study, workers=workers)
            tables, results = resolved.tables, resolved.results
            basis = "the timetable without chance; arterial run adds what is simulated"
    checks = judge_ledger(study, tables, results)["claim_checks"]
    standing = read_ledger(study.tables).standing()
    states = describe_states(Model(tables, results, study.settings, standing))
    return JudgedClaims(study, checks, left_out, basis, tuple(states), note)


def _find_run(study: Study) -> tuple[dict[str, pl.DataFrame], str]:
    """Result tables of the newest run of these inputs, and its name; none where there is none."""
    for folder in reversed(list_runs(study.path)):
        try:
            record = read_record(folder)
            if record.get("digest") != study.digest:
                continue
            names = [name for name in list_results(folder) if name in RESULT_TABLES]
            return {name: read_result(folder, name) for name in names}, f"the run {folder.name}"
        except StudyError:
            # A run that is cut off or of another version is no reason not to judge.
            continue
    return {}, ""


RESULT_TABLES: Final = frozenset({
    "arrival_distributions",
    "route_lines",
    "section_capacity",
    "section_runs",
    "set_requirements",
    "statement_checks",
    "train_times",
    "trip_events",
    "trips",
})  # fmt: skip
"""Result tables that claims are held against."""


def select_claims(
    checks: pl.DataFrame, *, group: str | None = None, verdict: str | None = None
) -> pl.DataFrame:
    """Rows of one group and verdict, the gravest first.

    Raises
    ------
    StudyError
        If there is no such group or verdict; near names are given.
    """
    for column, wanted in (("group", group), ("verdict", verdict)):
        known = VERDICTS if column == "verdict" else checks[column].drop_nulls().unique().to_list()
        if wanted is not None and wanted not in known:
            near = find_near_names(wanted, known) or tuple(sorted(known)[:12])
            message = f"No claim has the {column} {wanted!r}. There are: {', '.join(near)}."
            raise StudyError(message)
        if wanted is not None:
            checks = checks.filter(pl.col(column) == wanted)
    order = {name: place for place, name in enumerate(VERDICTS)}
    return checks.sort(pl.col("verdict").replace_strict(order, default=9), maintain_order=True)


def find_claim(judged: JudgedClaims, claim_id: str) -> tuple[dict[str, Any] | None, Claim]:
    """Verdict of one claim and the claim itself; no verdict where it does not stand.

    Raises
    ------
    StudyError
        If the ledger has no such claim; near ids are given.
    """
    ledger: Ledger = read_ledger(read_study(judged.study.path).tables)
    claims = {claim.claim_id: claim for claim in ledger.claims}
    if claim_id not in claims:
        near: Sequence[str] = find_near_names(claim_id, claims)
        told = f" Did you mean {', '.join(near)}?" if near else ""
        message = f"The ledger has no claim {claim_id!r}.{told}"
        raise StudyError(message)
    rows = judged.checks.filter(pl.col("claim_id") == claim_id).to_dicts()
    return (rows[0] if rows else None), claims[claim_id]
