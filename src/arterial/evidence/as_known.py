"""A study as it was known on a day: later claims, statements and rules of calendars left out.

Main function: :func:`take_as_known`. What is published is dated twice, by what it speaks of and by
when it was there to be read; this looks at the second.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.evidence.ledger import CITING_TABLES, Claim, Known, Ledger, read_ledger
from arterial.evidence.quantities import Dimension, Quantity, read_period
from arterial.study import Study

__all__ = ["AsKnown", "keep_standing", "take_as_known"]

_COUNTED: Final = frozenset({Known.SURELY, Known.UNDATED})


@dataclass(frozen=True)
class AsKnown:
    """A study as known on a day.

    Parameters
    ----------
    study : Study
        Without what was not known; its ``as_of`` is that day.
    left_out : mapping of str to int
        Rows left out, by table.
    kept : mapping of str to int
        Rows that rest on sources of a later day and without which the model would not stand, by
        table.
    perhaps : tuple of str
        Claims left out because they are dated to a month or year that had begun by then.
    """

    study: Study
    left_out: Mapping[str, int]
    kept: Mapping[str, int]
    perhaps: tuple[str, ...]

    def describe(self) -> str:
        """Say what was left out and what was kept, in words."""
        told = ", ".join(f"{count} of {table}" for table, count in self.left_out.items())
        words = f"As known on {self.study.settings.as_of}: left out {told or 'nothing'}."
        if self.perhaps:
            words += (
                f" Among them {len(self.perhaps)} dated only to a month or year that had begun: "
                f"{', '.join(self.perhaps[:8])}{' ...' if len(self.perhaps) > 8 else ''}."  # noqa: PLR2004
            )
        if self.kept:
            words += (
                f" {sum(self.kept.values())} rows of the model rest on later sources and are kept: "
                f"{', '.join(f'{count} of {table}' for table, count in self.kept.items())}."
            )
        return words


def take_as_known(study: Study, day: dt.date) -> AsKnown:
    """Give a study as it was known on a day.

    Parameters
    ----------
    study : Study
        The study.
    day : datetime.date
        What was neither published nor read by then is left out. What has no date stays, unless it
        speaks of a later time.

    Returns
    -------
    AsKnown
        The study and what was left out of it.
    """
    ledger = read_ledger(study.tables)
    states = {claim.claim_id: claim.known_on(day) for claim in ledger.claims}
    frames = {"claims": _keep_claims(study.table("claims"), states, day)}

    def is_known(row: Mapping[str, Any]) -> bool:
        claim_id = row.get("claim_id")
        if claim_id in states and states[claim_id] not in _COUNTED:
            return False
        return _know_row(ledger, row, day) in _COUNTED

    for name in CITING_TABLES:
        frames[name] = _keep_rows(study.table(name), is_known)
    frames["calendar_rules"] = _keep_rules(study.table("calendar_rules"), is_known, day)
    left_out = {
        name: count
        for name, frame in frames.items()
        if (count := study.table(name).height - frame.height)
    }
    perhaps = tuple(name for name, state in states.items() if state is Known.PERHAPS)
    settings = study.settings.model_copy(update={"as_of": day})
    known = study.with_tables(**frames).with_settings(settings)
    kept = _count_kept(known, ledger, day)
    return AsKnown(known, left_out, kept, perhaps)


def keep_standing(study: Study) -> Study:
    """Give a study without what was taken back, put right or replaced, for pages and analyses.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    Study
        Without such claims and the statements and reported works that cite them; the same study
        where all stand.
    """
    kept = read_ledger(study.tables).standing().keep_citing(study.tables)
    changed = {
        name: frame for name, frame in kept.items() if frame.height != study.table(name).height
    }
    return study.with_tables(**changed) if changed else study


def _keep_rows(frame: pl.DataFrame, is_kept: Callable[[Mapping[str, Any]], bool]) -> pl.DataFrame:
    return frame.filter(
        pl.Series([is_kept(row) for row in frame.iter_rows(named=True)], dtype=pl.Boolean)
    )


def _keep_claims(claims: pl.DataFrame, states: Mapping[str, Known], day: dt.date) -> pl.DataFrame:
    """Claims known on a day; what was taken back or replaced only later then still stood."""
    kept = claims.filter(
        pl.col("claim_id").is_in([name for name, state in states.items() if state in _COUNTED])
    )
    ids = kept["claim_id"].implode()
    return kept.with_columns(
        pl.when(pl.col("retracted_on") <= day).then("retracted_on").alias("retracted_on"),
        pl.when(pl.col("superseded_by").is_in(ids)).then("superseded_by").alias("superseded_by"),
    )


def _keep_rules(
    rules: pl.DataFrame, is_known: Callable[[Mapping[str, Any]], bool], day: dt.date
) -> pl.DataFrame:
    """Rules of calendars known on a day; the end of a suspension was not known before it came."""
    is_open = (pl.col("effect") == "suspended") & (pl.col("valid_to") > day)
    kept = _keep_rows(rules, is_known)
    return kept.with_columns(pl.when(~is_open).then("valid_to").alias("valid_to"))


def _know_row(ledger: Ledger, row: Mapping[str, Any], day: dt.date) -> Known:
    """Whether a row of any table was known on a day, by its source."""
    source = ledger.sources.get(str(row.get("source_id")))
    own = row.get("published_on")
    published = read_period(str(own)) if own is not None else None
    if source is None and published is None:
        return Known.UNDATED
    stand_in = Claim(
        row,
        Quantity(dimension=Dimension.OTHER),
        read_period(None if row.get("as_of") is None else str(row["as_of"])),
        published or (source.published if source else None),
        source.retrieved if source else None,
    )
    return stand_in.known_on(day)


def _count_kept(study: Study, ledger: Ledger, day: dt.date) -> dict[str, int]:
    """Rows of the model that rest on sources of a later day, by table."""
    later = [
        name
        for name, source in ledger.sources.items()
        if source.published is not None
        and source.published[0] > day
        and not (source.retrieved is not None and source.retrieved[1] <= day)
    ]
    counts = {}
    for name, frame in study.tables.items():
        if name in {"sources", "claims"} or "source_id" not in frame.columns:
            continue
        count = frame.filter(pl.col("source_id").is_in(later)).height
        if count:
            counts[name] = count
    return counts
