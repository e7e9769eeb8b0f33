"""Which quantity of the model a claim is held against: words and unit lead to a function.

Main function: :func:`find_kind`. A new claim of a quantity that is listed here needs no code; one
that is not listed has no model, and that is its verdict. `KINDS` is read from the top, the narrower
wording first.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from arterial.evidence.ledger import Claim
from arterial.evidence.line_answers import (
    answer_assets,
    answer_network_length,
    answer_share_of_lines,
    answer_speed,
    answer_stations,
    answer_stock_share,
    answer_works,
)
from arterial.evidence.network_answers import (
    answer_distance,
    answer_part_length,
    answer_run_time,
    answer_throughput,
    answer_tonnage,
    answer_train_frequency,
)
from arterial.evidence.quantities import Dimension
from arterial.evidence.service_answers import (
    answer_berths,
    answer_coaches,
    answer_frequency,
    answer_journey_time,
    answer_lateness,
    answer_place,
    answer_rank,
    answer_sets,
)
from arterial.evidence.service_dates import (
    answer_arrival_days,
    answer_days,
    answer_start,
    answer_suspended_since,
    answer_suspension,
)
from arterial.evidence.subjects import Answer, Model, Subject, fold_text

__all__ = ["KINDS", "QuantityKind", "find_kind", "is_out_of_scope", "list_answers"]

AnswerClaim = Callable[[Model, Subject, Claim], Answer | None]


@dataclass(frozen=True, slots=True)
class QuantityKind:
    """A quantity that claims are made of.

    Parameters
    ----------
    name : str
        In words.
    dimensions : frozenset of Dimension
        What its units measure.
    words : tuple of str
        Beginnings of words, one of which the claim's quantity has; none = any wording.
    answers : tuple of callable
        What gives it, tried in order.
    without : tuple of str
        Beginnings of words that mean something else.
    """

    name: str
    dimensions: frozenset[Dimension]
    words: tuple[str, ...]
    answers: tuple[AnswerClaim, ...]
    without: tuple[str, ...] = ()


FIRST_RUN_SPAN: Final = dt.timedelta(days=31)
"""Time after a first run within which "the first run" means it; assumption."""

_OUT_OF_SCOPE: Final = (
    "arms", "shell", "rounds", "missile", "launcher", "mlrs", "artillery", "ammunition",
    "munition", "weapon", "troop", "soldier", "warhead", "howitzer", "military",
)  # fmt: skip
_WORK: Final = (
    "repair", "replac", "renew", "restor", "laid", "laying", "maintain", "improv", "damag",
    "destroy", "bur", "remov", "rehabilit", "built", "fitted",
)  # fmt: skip
_LENGTHS: Final = frozenset({Dimension.LENGTH})
_TIMES: Final = frozenset({Dimension.DURATION})
_COUNTS: Final = frozenset({Dimension.COUNT})
_RATES: Final = frozenset({Dimension.RATE})
_DATES: Final = frozenset({Dimension.DATE})

KINDS: Final[tuple[QuantityKind, ...]] = (
    QuantityKind("suspended since", _DATES, ("suspended", "stopped"), (answer_suspended_since,)),
    QuantityKind(
        "service start",
        _DATES,
        ("start", "resum", "launch", "first run", "first departure", "opened", "reopen"),
        (answer_start,),
    ),
    QuantityKind(
        "suspension length",
        _TIMES,
        ("suspen", "interrupt", "closure of service"),
        (answer_suspension,),
    ),
    QuantityKind("lateness", _TIMES, ("delay", "late"), (answer_lateness,), ("start",)),
    QuantityKind(
        "journey time",
        _TIMES,
        ("time", "journey", "duration", "elapsed", "travel", "trip"),
        (answer_journey_time, answer_run_time),
        ("age", "turn", "stay", "dwell", "crisis"),
    ),
    QuantityKind("departure days", frozenset({Dimension.MONTH_DAYS}), ("depart",), (answer_days,)),
    QuantityKind(
        "arrival days", frozenset({Dimension.MONTH_DAYS}), ("arriv",), (answer_arrival_days,)
    ),
    QuantityKind(
        "throughput",
        _RATES | {Dimension.MASS_RATE},
        ("capacity", "throughput"),
        (answer_throughput,),
    ),
    QuantityKind(
        "berths", _COUNTS | _RATES, ("berth", "seats? offered", "sleeping place"), (answer_berths,)
    ),
    QuantityKind(
        "frequency",
        _RATES,
        ("frequen", "departure", "trips", "trains", "services", "runs"),
        (answer_frequency, answer_train_frequency),
    ),
    QuantityKind("attaching place", frozenset({Dimension.PLACE}), (), (answer_place,)),
    QuantityKind("rank by length", frozenset({Dimension.RANK}), ("longest",), (answer_rank,)),
    QuantityKind(
        "length of structures",
        _LENGTHS,
        ("tunnel", "bridge", "culvert", "embankment", "viaduct"),
        (answer_part_length,),
    ),
    QuantityKind(
        "length or share of lines",
        _LENGTHS | {Dimension.SHARE},
        ("electrified", "double", "single"),
        (answer_share_of_lines,),
    ),
    QuantityKind(
        "distance",
        _LENGTHS,
        ("route", "distance", "length", "way", "line length"),
        (answer_distance, answer_network_length),
        _WORK,
    ),
    QuantityKind("speed", frozenset({Dimension.SPEED}), (), (answer_speed,)),
    QuantityKind("coach sets", _COUNTS, ("set", "coach set"), (answer_sets,), ("turnout", "wear")),
    QuantityKind(
        "through coaches",
        _COUNTS,
        ("formation", "carriage", "through coach", "international coach"),
        (answer_coaches,),
        ("freight", "wagon"),
    ),
    QuantityKind(
        "assets", _COUNTS, ("turnout", "bridge", "tunnel"), (answer_assets,), (*_WORK, "touched")
    ),
    QuantityKind(
        "works on assets",
        _COUNTS,
        ("turnouts? (?:repair|replac|renew|laid|restor)", "(?:bridge|tunnel)s? (?:repair|restor)"),
        (answer_works,),
    ),
    QuantityKind(
        "share of stock",
        frozenset({Dimension.SHARE}),
        ("share of (?:all )?(?:turnout|bridge|tunnel)s?", "(?:turnout|bridge|tunnel)s? .*share"),
        (answer_stock_share,),
    ),
    QuantityKind(
        "tonnage",
        frozenset({Dimension.MASS, Dimension.MASS_RATE}),
        ("freight", "coal", "goods", "tonnage", "cargo"),
        (answer_tonnage,),
        ("weight", "above", "payload", "train"),
    ),
    QuantityKind("stations", _COUNTS, ("station",), (answer_stations,)),
)
"""Quantities of the model, the narrower wording first."""


def find_kind(claim: Claim) -> QuantityKind | None:
    """The quantity that a claim is about; None where the registry lists none.

    Examples
    --------
    >>> from arterial.evidence.quantities import read_quantity
    >>> stated = read_quantity("days", None, "8", None)
    >>> find_kind(Claim({"quantity": "Journey time"}, stated, None, None, None)).name
    'journey time'
    """
    words = fold_text(claim.text("quantity"))
    return next(
        (
            kind
            for kind in KINDS
            if claim.stated.dimension in kind.dimensions
            and (not kind.words or _find_words(kind.words).search(words))
            and not (kind.without and _find_words(kind.without).search(words))
        ),
        None,
    )


def is_out_of_scope(claim: Claim) -> bool:
    """Whether a claim is about arms or soldiers, which nothing here models."""
    words = fold_text(f"{claim.text('subject')} {claim.text('quantity')}")
    return _find_words(_OUT_OF_SCOPE).search(words) is not None


def list_answers(kind: QuantityKind, model: Model, claim: Claim) -> Iterator[Answer]:
    """What the model gives for a claim, the first that fits its subject first."""
    subject = model.find_subject(claim.text("subject"))
    if subject.is_first_run and not subject.places and not _is_of_first_run(model, subject, claim):
        return
    for answer in kind.answers:
        found = answer(model, subject, claim)
        if found is not None:
            yield found


def _is_of_first_run(model: Model, subject: Subject, claim: Claim) -> bool:
    """Whether a claim of "the first run" is of the days of the first run that was reported here."""
    trips = model.table("trips")
    of_services = pl.col("service_id").is_in(subject.services) & (pl.col("verdict") == "ran")
    day = trips.filter(of_services)["trip_date"].min()
    if not isinstance(day, dt.date) or claim.held is None:
        return False
    return claim.held[0] - FIRST_RUN_SPAN <= day <= claim.held[1]


@cache
def _find_words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})")
