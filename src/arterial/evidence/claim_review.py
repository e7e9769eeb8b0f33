"""The ledger as ClaimReview, the JSON-LD in which fact checks are exchanged.

Main function: :func:`write_claim_reviews`. Vocabulary: schema.org, types ClaimReview, Claim and
Rating. What the model cannot tell is no rating, and carries none.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from arterial.version import __version__

__all__ = ["write_claim_reviews"]

RATINGS: Final[Mapping[str, int]] = {"inconsistent": 1, "only_if": 3, "consistent": 5}
"""Rating of each verdict from 1, does not hold, to 5, holds; others have none."""

_ESCAPES: Final = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
_ADDRESSES: Final = ("http://", "https://")


def write_claim_reviews(checks: pl.DataFrame, sources: pl.DataFrame, *, title: str) -> str:
    """Write verdicts as a JSON-LD graph of ClaimReview.

    Parameters
    ----------
    checks : DataFrame
        Rows of ``claim_checks``.
    sources : DataFrame
        Study table ``sources``, for publishers and addresses.
    title : str
        Of the study.

    Returns
    -------
    str
        JSON with no character that could end the script element it may stand in.
    """
    by_id = {row["source_id"]: row for row in sources.iter_rows(named=True)}
    graph = [
        _make_review(row, by_id.get(row["source_id"]), title)
        for row in checks.iter_rows(named=True)
    ]
    document = {"@context": "https://schema.org", "@graph": graph}
    text = json.dumps(document, ensure_ascii=False, indent=1).translate(_ESCAPES)
    # Direction marks could show a claim in another order than it was made.
    return (
        "".join(
            letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1]
            for letter in text
        )
        + "\n"
    )


def _make_review(
    row: Mapping[str, Any], source: Mapping[str, Any] | None, title: str
) -> dict[str, Any]:
    """One review."""
    verdict = row["verdict"]
    words = verdict.replace("_", " ")
    words = f"{words}: {row['reading']}" if row["reading"] else words
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": words}
    if verdict in RATINGS:
        rating |= {"ratingValue": RATINGS[verdict], "worstRating": 1, "bestRating": 5}
    return {
        "@type": "ClaimReview",
        "@id": f"urn:arterial:claim:{row['claim_id']}",
        "author": {"@type": "Organization", "name": f"Arterial {__version__}, study {title}"},
        **({"datePublished": str(row["judged_as_of"])} if row["judged_as_of"] else {}),
        "claimReviewed": f"{row['subject']}, {row['quantity']}: {row['stated']}",
        "itemReviewed": _make_claim(row, source),
        "reviewRating": rating,
        "reviewBody": row["calculation"],
    }


def _make_claim(row: Mapping[str, Any], source: Mapping[str, Any] | None) -> dict[str, Any]:
    """The claim that is reviewed, with who made it and where it can be read."""
    claim: dict[str, Any] = {"@type": "Claim"}
    if row["published_on"]:
        claim["datePublished"] = row["published_on"]
    if source is None:
        return claim
    claim["author"] = {"@type": "Organization", "name": source["publisher"] or source["title"]}
    work: dict[str, Any] = {"@type": "CreativeWork", "name": source["title"]}
    address = source.get("address") or ""
    # Nothing but a page of the web becomes a link.
    if address.startswith(_ADDRESSES):
        work["url"] = address
    claim["appearance"] = work
    return claim
