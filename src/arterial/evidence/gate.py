"""What a study may not rest on: the gate of evidence in a check.

Main function: :func:`check_evidence`. Errors: a row called seen whose source is older than what it
saw; a row whose own source, or the claim that it cites, contradicts it or was taken back. Warnings,
counted once for a study: what is called sourced and names neither quote, page nor address.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from arterial.errors import Fault
from arterial.evidence.ledger import Claim, Ledger, read_ledger
from arterial.evidence.quantities import Period, read_period
from arterial.study.faults import WARNING, limit_faults
from arterial.study.records import CheckedTables, Record
from arterial.study.schema import TableRole, list_tables, load_schema

__all__ = ["check_evidence"]

_ROW: Final = re.compile(r"([a-z_]+):(.+)")
_SOURCED: Final = frozenset({"sourced"})


def check_evidence(tables: CheckedTables) -> tuple[Fault, ...]:
    """Find what rests on evidence that does not carry it.

    Parameters
    ----------
    tables : CheckedTables
        Input tables of a study without errors, with the line of each row.

    Returns
    -------
    tuple of Fault
        The first few of each kind.
    """
    ledger = read_ledger(tables.frames)
    faults = [
        *_find_seen_ahead(tables, ledger),
        *_find_contradicted(tables),
        *_find_gone(tables, ledger),
        *_find_bare(tables),
    ]
    return limit_faults(faults)


def _find_seen_ahead(tables: CheckedTables, ledger: Ledger) -> Iterator[Fault]:
    """Rows called sightings, or observed, whose source is older than what they saw."""
    cure = "Call it a forecast in kind, or name the source that saw it."
    claims = {claim.claim_id: claim for claim in ledger.claims}
    for record in tables.records("claims"):
        claim = claims[record["claim_id"]]
        if record["kind"] == "sighting" and claim.is_ahead and claim.published and claim.event:
            yield record.fault(_word_ahead(claim.published[1], claim.event[0]), cure, "kind")
    for record in tables.records("published_events"):
        event = _find_event_day(record)
        published = _find_published(ledger, record)
        if record["kind"] == "sighting" and event and published and published[1] < event:
            yield record.fault(_word_ahead(published[1], event), cure, "kind")
    for record in tables.records("published_runs"):
        held, published = read_period(record["as_of"]), _find_published(ledger, record)
        if record["basis"] == "observed" and held and published and published[1] < held[0]:
            yield record.fault(_word_ahead(published[1], held[0]), cure, "basis")


def _word_ahead(published: date, event: date) -> str:
    return f"It is called seen on {event}, and its source was published by {published}."


def _find_event_day(record: Record) -> date | None:
    """Day of a published event of one departure; None where it is of many, or of no stated day."""
    departure, offset = record["departure_date"], record["stated_day_offset"]
    if not isinstance(departure, date):
        return None
    return departure + timedelta(days=int(offset or 0))


def _find_published(ledger: Ledger, record: Record) -> Period | None:
    source = ledger.sources.get(record["source_id"] or "")
    return None if source is None else source.published


def _find_contradicted(tables: CheckedTables) -> Iterator[Fault]:
    """Rows that a claim of their own source, or the claim that they cite, contradicts."""
    cure = "Name a source that says so, grade the row an assumption, or correct it."
    cited = {
        name: _index_rows(tables, name)
        for name in list_tables(TableRole.INPUT)
        if "source_id" in load_schema(name).columns
    }
    for record in tables.records("claims"):
        if record["stance"] != "contradicts":
            continue
        for row in _list_cited(tables, record, cited):
            if row is None:
                told = f"about_row {record['about_row']!r} is no row of the study."
                near = "Write it as table:key, parts of a compound key joined by a semicolon."
                yield record.fault(told, near, "about_row")
            else:
                told = f"Its own source contradicts it: claim {record['claim_id']}."
                column = "claim_id" if row.table == "estimates" else "source_id"
                yield row.fault(told, cure, column)


def _index_rows(tables: CheckedTables, name: str) -> dict[str, Record]:
    key = load_schema(name).key
    return {";".join(str(row[part]) for part in key): row for row in tables.records(name)}


def _list_cited(
    tables: CheckedTables, claim: Record, cited: Mapping[str, Mapping[str, Record]]
) -> Iterator[Record | None]:
    """Rows that a contradicting claim is about and that rest on it; None = there is no such row."""
    about = claim["about_row"]
    if about is not None:
        match = _ROW.fullmatch(about)
        rows = cited.get(match[1]) if match else None
        row = None if rows is None or match is None else rows.get(match[2])
        # A row that rests on another source has a rival, and is not refuted by its own.
        if row is None or row["source_id"] == claim["source_id"]:
            yield row
    yield from (row for row in tables.records("estimates") if row["claim_id"] == claim["claim_id"])


def _find_gone(tables: CheckedTables, ledger: Ledger) -> Iterator[Fault]:
    """Ranges that rest on a claim which was taken back, put right or replaced."""
    standing = ledger.standing().by_id
    claims: dict[str, Claim] = {claim.claim_id: claim for claim in ledger.claims}
    for record in tables.records("estimates"):
        name = record["claim_id"]
        if name in claims and name not in standing:
            cause = f"It rests on claim {name}, which no longer stands."
            yield record.fault(cause, "Name the claim that stands in its place.", "claim_id")


def _find_bare(tables: CheckedTables) -> Iterator[Fault]:
    """Claims called sourced without quote or page, and their sources without address, once."""
    sourced = [row for row in tables.records("claims") if row["grade"] in _SOURCED]
    bare = [row for row in sourced if row["quote"] is None and row["page"] is None]
    used = {row["source_id"] for row in sourced}
    silent = [
        row
        for row in tables.records("sources")
        if row["source_id"] in used and row["address"] is None
    ]
    if not bare and not silent:
        return
    cause = (
        f"{len(bare)} of {len(sourced)} claims called sourced have neither quote nor page, and "
        f"{len(silent)} of their {len(used)} sources no address, so that they cannot be looked up."
    )
    cure = "Write a few words of the source into quote or its page, and where it stands in address."
    record, column = (bare[0], "quote") if bare else (silent[0], "address")
    yield record.fault(cause, cure, column, severity=WARNING)
