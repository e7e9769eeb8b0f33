"""Claims of one group held against each other: which can be true together, which repeat another.

Main function: :func:`compare_rivals`. Two claims are compared where they speak of the same quantity
and subject; a copy is a figure printed again later; sources that repeat one are counted once.
"""

import datetime as dt
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from arterial.evidence.ledger import Claim, StandingClaims
from arterial.evidence.quantities import Dimension
from arterial.evidence.readings import list_scalings, read_literally, write_range
from arterial.evidence.registry import find_kind, is_out_of_scope
from arterial.evidence.subjects import Model, fold_text

__all__ = ["GroupVerdict", "Rivalry", "compare_rivals"]


class GroupVerdict(StrEnum):
    """How the claims of a group stand to each other."""

    ALONE = "alone"
    AGREE = "agree"
    ONLY_IF = "only_if"
    CONFLICT = "conflict"


@dataclass(slots=True)
class Rivalry:
    """One claim among those of its group.

    Parameters
    ----------
    agrees, conflicts : list of str
        Claims that can, and that cannot, be true beside it.
    copy_of : str
        Earlier claim that it repeats; empty = none.
    reading, words : str
        Reading under which it agrees with a rival that it does not agree with as worded.
    is_restated : bool
        Whether the figure of an earlier claim is given for a longer time.
    verdict : GroupVerdict
        Of the whole group.
    finding : str
        What the group comes to, in words.
    sources_count : int
        Sources of the group, those that are said to repeat another left out.
    """

    agrees: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    copy_of: str = ""
    reading: str = ""
    words: str = ""
    is_restated: bool = False
    verdict: GroupVerdict = GroupVerdict.ALONE
    finding: str = ""
    sources_count: int = 1


TOLERANCE: Final = {Dimension.LENGTH: 0.005}
"""Share by which figures of one thing differ among themselves [1]; as in `distances`."""

LEAST_COPIED: Final = 100
"""Figure from which on two that are the same hardly are so by chance [1]."""

LEAST_RESTATED: Final = dt.timedelta(days=30)
"""Time after which a count that has not grown is an old one; assumption."""

MOST_COMPARED: Final = 200
"""Claims of one quantity of one group that are held against each other, the earliest first."""

MOST_TOLD: Final = 6

GREAT_FACTOR: Final = 20.0
"""Factor from which on two figures of one thing differ by a slip of the unit [1]; assumption."""

CLOCK_SLACK_H: Final = 0.02
_PARTS: Final = re.compile(
    r"(\d[\d,\u202f]*)\s*(?:km\s*)?(?:of\s+)?(1520|1435|762|narrow|dual|standard|broad)\b"
)
_NARROW: Final = frozenset({"762", "narrow"})
_DUAL: Final = frozenset({"1520", "dual", "broad"})
_QUALIFIERS: Final = (
    "scheduled", "observed", "express", "first run", "survey", "line speed", "upper estimate",
    "best", "plan", "steam", "share", "visit", "age", "electrified", "double", "single",
)  # fmt: skip
_STOCK: Final = frozenset({Dimension.COUNT, Dimension.MASS})


def compare_rivals(standing: StandingClaims, model: Model) -> dict[str, Rivalry]:
    """Hold the claims of each group against each other.

    Parameters
    ----------
    standing : StandingClaims
        Claims that stand.
    model : Model
        For subjects and the clocks of places.

    Returns
    -------
    dict of str to Rivalry
        By claim, for every claim.
    """
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in standing:
        groups[claim.text("group") or f"\0{claim.claim_id}"].append(claim)
    found = {claim.claim_id: Rivalry() for claim in standing}
    for claims in groups.values():
        _compare_group(claims, standing, model, found)
    return found


def _compare_group(
    claims: Sequence[Claim], standing: StandingClaims, model: Model, found: dict[str, Rivalry]
) -> None:
    for same in _split_group(claims, model):
        parts = [part for claim in same for part in _list_parts(claim)]
        for one, other in itertools.combinations(same[:MOST_COMPARED], 2):
            _compare_pair(one, other, (standing, model, parts), found)
    chains = {standing.find_chain(claim) for claim in claims if not found[claim.claim_id].copy_of}
    count = max(1, len(chains))
    conflicts = any(found[claim.claim_id].conflicts for claim in claims)
    other_readings = [claim for claim in claims if found[claim.claim_id].reading]
    agrees = any(found[claim.claim_id].agrees for claim in claims)
    verdict = GroupVerdict.ALONE
    if conflicts:
        verdict = GroupVerdict.CONFLICT
    elif other_readings:
        verdict = GroupVerdict.ONLY_IF
    elif agrees:
        verdict = GroupVerdict.AGREE
    finding = " ".join(_word_group(claims, count, found))
    for claim in claims:
        own = found[claim.claim_id]
        own.verdict, own.finding, own.sources_count = verdict, finding, count


def _split_group(claims: Sequence[Claim], model: Model) -> Iterator[list[Claim]]:
    """Claims of a group about one quantity of one subject, the earliest published first."""
    parts: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.stated.fault or is_out_of_scope(claim):
            continue
        kind = find_kind(claim)
        words = fold_text(claim.text("quantity"))
        subject = model.find_subject(claim.text("subject"))
        pair = frozenset(subject.places) if len(subject.places) == len(("from", "to")) else None
        about: object = pair or subject.line_ids or subject.country
        if kind is None:
            about, name = fold_text(claim.text("subject")), _name_quantity(words)
        else:
            name = kind.name
        qualifiers = tuple(word for word in _QUALIFIERS if word in words)
        about = about or fold_text(claim.text("subject"))
        parts[name, claim.stated.dimension, about, qualifiers].append(claim)
    for part in parts.values():
        yield sorted(part, key=lambda claim: claim.published or (dt.date.max, dt.date.max))


def _name_quantity(words: str) -> str:
    """A quantity without the order of its words: replaced and repaired, repaired or replaced."""
    return " ".join(sorted(set(re.findall(r"[a-z]+", words)) - {"and", "or", "of", "the"}))


def _compare_pair(
    one: Claim,
    other: Claim,
    known: tuple[StandingClaims, Model, list[tuple[float, str, str]]],
    found: dict[str, Rivalry],
) -> None:
    """Compare two claims of the same quantity; the first was published first."""
    standing, model, parts = known
    first, second = found[one.claim_id], found[other.claim_id]
    if _can_both_be(one, other):
        first.agrees.append(other.claim_id)
        second.agrees.append(one.claim_id)
        if not second.copy_of and _is_copy(one, other, standing):
            second.copy_of = one.claim_id
            second.is_restated = _is_restated(one, other)
        return
    if _are_of_other_times(one, other):
        return
    readings = list(_list_readings(one, other, model, parts))
    if not readings:
        first.conflicts.append(other.claim_id)
        second.conflicts.append(one.claim_id)
    for claim_id, name, words in readings:
        rival = found[claim_id]
        if not rival.reading:
            rival.reading, rival.words = name, words


def _can_both_be(one: Claim, other: Claim) -> bool:
    """Whether two statements of one quantity can be true together, as worded."""
    a, b = one.stated, other.stated
    if a.dimension is Dimension.PLACE:
        return fold_text(a.text) == fold_text(b.text)
    if a.dimension is Dimension.MONTH_DAYS:
        return set(a.days) == set(b.days)
    if a.period is not None and b.period is not None:
        return a.period[0] <= b.period[1] and b.period[0] <= a.period[1]
    # A bare number of days counts days; in hours it is as exact as that.
    ends = [(q.low, q.high) if q.unit == "days" else read_literally(q) for q in (a, b)]
    slack = TOLERANCE.get(a.dimension, 1e-9)
    sizes = [max((abs(end) for end in pair if math.isfinite(end)), default=1.0) for pair in ends]
    gap = slack * min(sizes)
    return max(ends[0][0], ends[1][0]) <= min(ends[0][1], ends[1][1]) + gap


def _is_copy(one: Claim, other: Claim, standing: StandingClaims) -> bool:
    """Whether the later of two claims repeats the earlier one."""
    same = all(one.text(column) == other.text(column) for column in ("low", "value", "high"))
    if not same or one.published is None or other.published is None:
        return False
    is_later = one.published[1] < other.published[0]
    ends = [abs(end) for end in (one.stated.low, one.stated.high) if math.isfinite(end)]
    is_telling = max(ends, default=0.0) / one.stated.factor >= LEAST_COPIED
    quotes = {claim.text("quote") for claim in (one, other)}
    is_worded = len(quotes) == 1 and "" not in quotes
    is_chain = standing.find_chain(one) == standing.find_chain(other)
    return (is_later and (is_telling or is_worded)) or (
        is_chain and one.published[0] <= other.published[0] and (is_telling or is_worded)
    )


def _is_restated(one: Claim, other: Claim) -> bool:
    """Whether a count of some months is printed again as that of a longer time."""
    if one.stated.dimension not in _STOCK or one.published is None or other.published is None:
        return False
    return other.published[0] - one.published[1] >= LEAST_RESTATED and one.held != other.held


def _are_of_other_times(one: Claim, other: Claim) -> bool:
    """Whether two claims say of what time they speak, and these times have no day in common."""
    if one.held is None or other.held is None or one.stated.dimension is Dimension.DATE:
        return False
    return one.held[1] < other.held[0] or other.held[1] < one.held[0]


def _list_readings(
    one: Claim, other: Claim, model: Model, parts: Sequence[tuple[float, str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Claims of two that fit the other if read in another way: id, the reading, why."""
    for claim, rival in ((other, one), (one, other)):
        ends = read_literally(rival.stated)
        middle = sum(ends) / 2
        for name, scaled in list_scalings(claim.stated, *ends):
            # Figures of rivals lie near each other: only a great factor tells a slip from a doubt.
            is_great = not 1 / GREAT_FACTOR < _ratio(scaled, claim) < GREAT_FACTOR
            if is_great and scaled[0] <= middle * 1.01 and middle * 0.99 <= scaled[1]:
                told = write_range(claim.stated.dimension, *scaled)
                yield claim.claim_id, name, f"it then means {told}, as {rival.claim_id} says"
        for found in (_read_clock_faces(claim, rival, model), _read_gauges(claim, rival, parts)):
            if found is not None:
                yield claim.claim_id, *found


def _ratio(scaled: tuple[float, float], claim: Claim) -> float:
    """Factor between a figure as worded and as read otherwise."""
    own = read_literally(claim.stated)
    pairs = [(a, b) for a, b in zip(scaled, own, strict=True) if b and math.isfinite(b)]
    return pairs[0][0] / pairs[0][1] if pairs else 1.0


def _read_clock_faces(claim: Claim, rival: Claim, model: Model) -> tuple[str, str] | None:
    """Whether two durations differ by as much as the clocks of their two places."""
    places = model.find_subject(claim.text("subject")).places
    if claim.stated.dimension is not Dimension.DURATION or len(places) < len(("from", "to")):
        return None
    day = (claim.held or (model.settings.horizon_from,))[0]
    shift_h = model.find_clock_shift_h(places[0], places[1], day)
    mine, theirs = (sum(read_literally(one.stated)) / 2 for one in (claim, rival))
    gap_h = mine - theirs
    if not shift_h or not math.isfinite(gap_h) or abs(gap_h - shift_h) > CLOCK_SLACK_H:
        return None
    words = f"it is {gap_h:+.2f} h off {rival.claim_id}, as the clocks of the two places are"
    return "clock faces", words


def _read_gauges(
    claim: Claim, rival: Claim, parts: Sequence[tuple[float, str, str]]
) -> tuple[str, str] | None:
    """Whether two lengths differ by the narrow lines, or by lines of two gauges counted twice."""
    if claim.stated.dimension is not Dimension.LENGTH:
        return None
    mine, theirs = (_find_middle(one) for one in (claim, rival))
    if mine is None or theirs is None:
        return None
    for length, gauge, claim_id in parts:
        name = "narrow lines counted in" if gauge in _NARROW else ""
        name = "lines of two gauges counted twice" if gauge in _DUAL else name
        if name and abs(mine - length - theirs) <= TOLERANCE[Dimension.LENGTH] * theirs:
            left = f"{mine:.0f} - {length:.0f} = {mine - length:.0f} km"
            return name, f"{left}, as {rival.claim_id} says (part by {claim_id})"
    return None


def _find_middle(claim: Claim) -> float | None:
    ends = [end for end in (claim.stated.low, claim.stated.high) if math.isfinite(end)]
    return claim.stated.best or (sum(ends) / len(ends) if ends else None)


def _list_parts(claim: Claim) -> list[tuple[float, str, str]]:
    """Lengths by gauge that a claim's words name [km], and its id."""
    text = f"{claim.text('quantity')}; {claim.text('quote')}; {claim.text('note')}"
    parts = _PARTS.findall(text.casefold())
    return [(float(re.sub(r"[^\d]", "", size)), gauge, claim.claim_id) for size, gauge in parts]


def _word_parts(claims: Sequence[Claim]) -> Iterator[str]:
    """Whether lengths are the sum of their parts by gauge."""
    for claim in claims:
        whole, sizes = _find_middle(claim), [size for size, *_ in _list_parts(claim)]
        if claim.stated.dimension is not Dimension.LENGTH or len(sizes) < len(("a", "b")):
            continue
        total = sum(sizes)
        told = " + ".join(f"{size:.0f}" for size in sizes)
        if whole is not None and abs(total - whole) <= TOLERANCE[Dimension.LENGTH] * whole:
            yield f"{claim.claim_id} is the sum of its parts by gauge, {told} = {total:.0f} km."
        elif whole is not None:
            yield f"{claim.claim_id} is not the sum of its parts by gauge, {told} = {total:.0f} km."


def _word_group(claims: Sequence[Claim], count: int, found: dict[str, Rivalry]) -> Iterator[str]:
    """What a group comes to."""
    if len(claims) == 1:
        yield "No other claim stands in its group."
        return
    if len(claims) > MOST_COMPARED:
        yield f"Of each quantity the first {MOST_COMPARED} are held against each other."
    sources = "1 source" if count == 1 else f"{count} sources, none of them said to repeat another"
    yield f"{len(claims)} claims of {sources}."
    copies = [
        f"{claim.claim_id} repeats {found[claim.claim_id].copy_of}"
        for claim in claims
        if found[claim.claim_id].copy_of
    ]
    if copies:
        more = f" and {len(copies) - MOST_TOLD} more" if len(copies) > MOST_TOLD else ""
        yield f"{'; '.join(copies[:MOST_TOLD])}{more}: counted once."
    pairs = sorted({
        tuple(sorted((claim.claim_id, other)))
        for claim in claims
        for other in found[claim.claim_id].conflicts
    })  # fmt: skip
    if pairs:
        told = "; ".join(f"{one} and {other}" for one, other in pairs[:MOST_TOLD])
        more = f" and {len(pairs) - MOST_TOLD} more pairs" if len(pairs) > MOST_TOLD else ""
        yield f"Cannot both be true: {told}{more}."
    for claim in [claim for claim in claims if found[claim.claim_id].reading][:MOST_TOLD]:
        own = found[claim.claim_id]
        if own.reading:
            yield f"{claim.claim_id} agrees only if read as {own.reading}: {own.words}."
    if not pairs and not any(found[claim.claim_id].reading for claim in claims):
        are_held = any(found[claim.claim_id].agrees for claim in claims)
        alone = "They speak of different things or times and are not held against each other."
        yield "No two of them exclude each other." if are_held else alone
    yield from itertools.islice(_word_parts(claims), MOST_TOLD)
