"""The ledger: who claims what, what of it was known on a day, and what of it stands.

Main functions: :func:`read_ledger` gives every claim, :meth:`Ledger.standing` what stands as of a
day. Analyses and pages take :class:`StandingClaims` alone, so that what was taken back, put right
or replaced cannot reach them.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

import polars as pl

from arterial.evidence.quantities import (
    Dimension,
    Period,
    Quantity,
    read_period,
    read_quantity,
    read_worded_frequency,
)
from arterial.study import empty_table

__all__ = [
    "CITING_TABLES",
    "Claim",
    "ClaimKind",
    "Known",
    "Ledger",
    "Source",
    "StandingClaims",
    "read_ledger",
]


class ClaimKind(StrEnum):
    """What a claim is."""

    STATEMENT = "statement"
    SIGHTING = "sighting"
    PLAN = "plan"
    FORECAST = "forecast"


class Known(StrEnum):
    """Whether a claim was known on a day."""

    SURELY = "surely"
    UNDATED = "undated"
    PERHAPS = "perhaps"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read.

    Parameters
    ----------
    source_id, title, publisher : str
        Id, title and who published it; empty = unknown.
    published, retrieved : Period or None
        When it was published and read, as exactly as is known.
    reliability : str
        Of the source, A to F, apart from the credibility of what it says.
    republishes : str
        Source that it repeats; empty = none known.
    """

    source_id: str
    title: str = ""
    publisher: str = ""
    published: Period | None = None
    retrieved: Period | None = None
    reliability: str = ""
    republishes: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: its row, what it states and when it was published and read.

    Parameters
    ----------
    row : mapping
        Row of the table ``claims``.
    stated : Quantity
        What it states.
    held : Period or None
        The time that it speaks of.
    published, retrieved : Period or None
        Its own dates, else those of its source.
    """

    row: Mapping[str, object]
    stated: Quantity
    held: Period | None
    published: Period | None
    retrieved: Period | None

    def text(self, column: str) -> str:
        """Text of a cell; empty = unknown."""
        value = self.row.get(column)
        return "" if value is None else str(value)

    @property
    def claim_id(self) -> str:
        """Its id."""
        return self.text("claim_id")

    @property
    def event(self) -> Period | None:
        """When what it speaks of happens: the date that it states, else the time it holds for."""
        return self.stated.period or self.held

    @property
    def is_ahead(self) -> bool:
        """Whether it was published before what it speaks of, so that nobody can have seen it."""
        event = self.event
        return bool(event and self.published and self.published[1] < event[0])

    @property
    def kind(self) -> ClaimKind:
        """What it is; where its row does not say, a date ahead of its source makes it a plan."""
        told = self.text("kind")
        if told:
            # What is called seen before it happened is a forecast, whatever the row says.
            seen_ahead = told == ClaimKind.SIGHTING.value and self.is_ahead
            return ClaimKind.FORECAST if seen_ahead else ClaimKind(told)
        words = self.text("quantity").casefold()
        if any(word in words for word in ("expected", "forecast", "planned")):
            return ClaimKind.FORECAST
        return ClaimKind.PLAN if self.is_ahead else ClaimKind.STATEMENT

    def known_on(self, day: dt.date) -> Known:
        """Whether it was known on a day.

        A date known to the year is not known to lie before a day of that year: such a claim counts
        only if what it tells was past before the year began.
        """
        if self.retrieved is not None and self.retrieved[1] <= day:
            return Known.SURELY
        published = self.published
        if published is None:
            if self.retrieved is not None and self.retrieved[0] > day:
                return Known.NOT_YET
            event = self.event
            is_later = event is not None and event[0] > day
            return Known.NOT_YET if is_later else Known.UNDATED
        if published[1] <= day:
            return Known.SURELY
        if published[0] > day:
            return Known.NOT_YET
        event = self.event
        is_past = event is not None and event[1] < published[0]
        return Known.UNDATED if is_past and self.kind is ClaimKind.STATEMENT else Known.PERHAPS


@dataclass(frozen=True)
class StandingClaims:
    """Claims that stand as of a day: known by then, not taken back, put right or replaced.

    Parameters
    ----------
    claims : tuple of Claim
        In the order of the table.
    sources : mapping of str to Source
        By id.
    as_known : datetime.date
        The day.
    left_out : mapping of str to int
        How many claims of the ledger do not stand, by reason.
    """

    claims: tuple[Claim, ...]
    sources: Mapping[str, Source]
    as_known: dt.date
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Claim]:
        """Go through the claims."""
        return iter(self.claims)

    @cached_property
    def by_id(self) -> dict[str, Claim]:
        """Claims by id."""
        return {claim.claim_id: claim for claim in self.claims}

    def keep_citing(self, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Tables without the statements that cite a claim which does not stand.

        Parameters
        ----------
        tables : mapping of str to DataFrame
            Study tables; the claims themselves are left to those that stand, too.

        Returns
        -------
        dict of str to DataFrame
            All tables, those of statements and of reported works without such rows.
        """
        kept = dict(tables)
        known = pl.col("claim_id").is_null() | pl.col("claim_id").is_in(list(self.by_id))
        for name in (*CITING_TABLES, "claims"):
            if name in kept:
                kept[name] = kept[name].filter(known)
        return kept

    def find_chain(self, claim: Claim) -> str:
        """Who first said it: the publisher at the beginning of the chain of its source.

        Twenty papers that print one telegram are one source.
        """
        source_id, seen = claim.text("source_id"), set[str]()
        while source_id not in seen:
            seen.add(source_id)
            source = self.sources.get(source_id)
            if source is None or not source.republishes:
                break
            source_id = source.republishes
        source = self.sources.get(source_id)
        is_own = len(seen) == 1 and claim.text("publisher")
        publisher = claim.text("publisher") if is_own else source.publisher if source else ""
        vague = not publisher or publisher.casefold().startswith(("unnamed", "various"))
        return source_id if vague else publisher.casefold()


AFTER_ALL: Final = dt.date.max
CITING_TABLES: Final = (
    "published_durations",
    "published_events",
    "published_frequencies",
    "published_places",
    "published_runs",
    "reported_works",
)
"""Tables whose rows say what a claim says, in the columns of their kind."""


@dataclass(frozen=True)
class Ledger:
    """Every claim of a study, those taken back among them; not for pages or analyses.

    Parameters
    ----------
    claims : tuple of Claim
        In the order of the table.
    sources : mapping of str to Source
        By id.
    """

    claims: tuple[Claim, ...]
    sources: Mapping[str, Source]

    def standing(self, as_known: dt.date | None = None) -> StandingClaims:
        """Claims that stand as of a day.

        Parameters
        ----------
        as_known : datetime.date, optional
            What was published or read later is left out; None = all that is in the study.
        """
        day = as_known or AFTER_ALL
        left_out: dict[str, int] = {}
        known: list[Claim] = []
        for claim in self.claims:
            state = Known.SURELY if as_known is None else claim.known_on(day)
            if state in {Known.SURELY, Known.UNDATED}:
                known.append(claim)
            else:
                left_out[state.value] = left_out.get(state.value, 0) + 1
        ids = {claim.claim_id for claim in known}
        replaced = {claim.text("corrects") for claim in known} - {""}
        standing = []
        for claim in known:
            reason = _find_reason(claim, day, ids, replaced)
            if reason:
                left_out[reason] = left_out.get(reason, 0) + 1
            else:
                standing.append(claim)
        return StandingClaims(tuple(standing), self.sources, day, left_out)


def _find_reason(claim: Claim, day: dt.date, ids: set[str], replaced: set[str]) -> str:
    """Why a claim does not stand; empty where it does."""
    retracted = claim.row.get("retracted_on")
    if isinstance(retracted, dt.date) and retracted <= day:
        return "retracted"
    later = claim.text("superseded_by")
    if later in ids and later != claim.claim_id:
        return "superseded"
    is_replaced = claim.claim_id in replaced and claim.text("corrects") != claim.claim_id
    return "corrected" if is_replaced else ""


def read_ledger(tables: Mapping[str, pl.DataFrame]) -> Ledger:
    """Read the ledger of a study.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables ``claims`` and ``sources``.

    Returns
    -------
    Ledger
        Every row of ``claims``.
    """
    sources = {
        row["source_id"]: Source(
            source_id=row["source_id"],
            title=row["title"] or "",
            publisher=row["publisher"] or "",
            published=read_period(row["published_on"]),
            retrieved=read_period(row["retrieved_on"]),
            reliability=row["reliability"] or "",
            republishes=row["republishes"] or "",
        )
        for row in _table(tables, "sources").iter_rows(named=True)
    }
    rows = _table(tables, "claims").iter_rows(named=True)
    return Ledger(tuple(_make_claim(row, sources) for row in rows), sources)


def _make_claim(row: Mapping[str, object], sources: Mapping[str, Source]) -> Claim:
    def cell(column: str) -> str | None:
        value = row.get(column)
        return None if value is None else str(value)

    source = sources.get(cell("source_id") or "")
    stated = read_quantity(cell("unit"), cell("low"), cell("value"), cell("high"))
    words = cell("value")
    has_figure = stated.dimension is Dimension.RATE and not stated.fault
    if words and "frequen" in (cell("quantity") or "").casefold() and not has_figure:
        stated = read_worded_frequency(words)
    return Claim(
        row,
        stated,
        read_period(cell("as_of")),
        read_period(cell("published_on")) or (source.published if source else None),
        read_period(cell("retrieved_on")) or (source.retrieved if source else None),
    )


def _table(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    return tables[name] if name in tables else empty_table(name)
