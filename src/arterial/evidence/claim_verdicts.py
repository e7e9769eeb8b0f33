"""The verdict of one claim: held against the model, as worded and read in other ways.

Main function: :func:`judge_claim`. A published row that cites the claim is held against the model
by its own kind of check; its verdict is the claim's, so that the two cannot disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from arterial.evidence.ledger import Claim, ClaimKind
from arterial.evidence.quantities import Dimension
from arterial.evidence.readings import (
    GREAT_FACTOR,
    Fit,
    compare_ranges,
    list_scalings,
    read_literally,
    write_range,
    write_stated,
    write_taken,
)
from arterial.evidence.registry import QuantityKind, find_kind, is_out_of_scope, list_answers
from arterial.evidence.statement_verdicts import StatementVerdict
from arterial.evidence.subjects import Answer, Model, fold_text

__all__ = ["ClaimVerdict", "Verdict", "judge_claim"]


class Verdict(StrEnum):
    """How a claim stands."""

    CONSISTENT = "consistent"
    ONLY_IF = "only_if"
    INCONSISTENT = "inconsistent"
    CANNOT_TELL = "cannot_tell"
    NO_MODEL = "no_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """The verdict of one claim.

    Parameters
    ----------
    verdict : Verdict
        How it stands.
    calculation : str
        The calculation in words.
    model : str
        Quantity of the model; empty = none.
    computed : str
        What the model gives, in words.
    reading : str
        The reading that fits; empty where it is the wording, or none does.
    tried : tuple of str
        Readings that were tried, each with what came of it.
    statements : tuple of str
        Published rows that cite the claim.
    """

    verdict: Verdict
    calculation: str
    model: str = ""
    computed: str = ""
    reading: str = ""
    tried: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()


OUTSIDE: Final = "Outside what Arterial covers: nothing about arms or soldiers is modelled."
ONE_LENGTH: Final = "months of one length"
AMBIGUOUS: Final = "one of the two meanings of the wording"
_OF_STATEMENT: Final[Mapping[str, tuple[Verdict, str]]] = {
    StatementVerdict.HOLDS: (Verdict.CONSISTENT, ""),
    StatementVerdict.CONTRADICTED: (Verdict.INCONSISTENT, ""),
    StatementVerdict.ONLY_IF_ZONES_IGNORED: (Verdict.ONLY_IF, "clock faces"),
    StatementVerdict.SIMPLIFIED: (Verdict.ONLY_IF, ONE_LENGTH),
    StatementVerdict.AMBIGUOUS: (Verdict.ONLY_IF, AMBIGUOUS),
    StatementVerdict.CANNOT_TELL: (Verdict.CANNOT_TELL, ""),
}
_SAME_QUANTITY: Final[Mapping[str, frozenset[str]]] = {
    "journey time": frozenset({"duration", "run"}),
    "attaching place": frozenset({"place"}),
    "frequency": frozenset({"frequency"}),
    "distance": frozenset({"distance"}),
    "departure days": frozenset({"arrival_day", "event_time"}),
}
"""Kinds of published rows that state the very quantity of a kind of claim."""

_GRAVEST: Final = (
    Verdict.INCONSISTENT,
    Verdict.ONLY_IF,
    Verdict.CONSISTENT,
    Verdict.CANNOT_TELL,
    Verdict.NO_MODEL,
)
_TRAIN_END: Final = "end of the train"


def judge_claim(
    claim: Claim, model: Model, statements: Sequence[Mapping[str, object]]
) -> ClaimVerdict:
    """Hold a claim against the model.

    Parameters
    ----------
    claim : Claim
        The claim.
    model : Model
        What it is held against.
    statements : sequence of mapping
        Rows of ``statement_checks`` that cite it.

    Returns
    -------
    ClaimVerdict
        ``no_model`` where the registry has no such quantity, or the study nothing of that name.
    """
    if is_out_of_scope(claim):
        return ClaimVerdict(verdict=Verdict.NO_MODEL, calculation=OUTSIDE)
    kind = find_kind(claim)
    own = _judge_by_registry(claim, kind, model)
    if statements:
        own = _join_statements(own, kind, statements, write_stated(claim))
    return _judge_kind(claim, own)


def _judge_kind(claim: Claim, own: ClaimVerdict) -> ClaimVerdict:
    """What was told before it happened was seen by nobody."""
    if not claim.is_ahead or claim.text("kind") != ClaimKind.SIGHTING.value:
        return own
    event, published = claim.event, claim.published
    told = f"published {published[1]}, event {event[0]}" if event and published else ""
    words = f"It is called seen and was printed before it happened ({told}): a forecast."
    return replace(
        own,
        verdict=Verdict.ONLY_IF,
        reading="a forecast, not a sighting",
        calculation=f"{words} {own.calculation}".strip(),
    )


def _judge_by_registry(claim: Claim, kind: QuantityKind | None, model: Model) -> ClaimVerdict:
    """Verdict by the first answer of the registry that the study has for the subject."""
    if kind is None:
        unit = claim.text("unit") or "no unit"
        told = f"No quantity of the model has these words and this unit ({unit})."
        return ClaimVerdict(verdict=Verdict.NO_MODEL, calculation=told)
    answer = next(list_answers(kind, model, claim), None)
    if answer is None:
        told = (
            f"The study holds nothing of '{claim.text('subject')}' that gives this quantity "
            f"({kind.name}), or nothing of the time it speaks of."
        )
        return ClaimVerdict(verdict=Verdict.NO_MODEL, calculation=told)
    if claim.stated.fault:
        told = f"{claim.stated.fault} {answer.calculation}"
        return ClaimVerdict(verdict=Verdict.CANNOT_TELL, calculation=told, model=answer.name)
    judged = _judge_answer(claim, answer)
    if claim.stated.meanings and judged.verdict is Verdict.CONSISTENT:
        told = f"{claim.stated.meanings} {judged.calculation}"
        judged = replace(judged, verdict=Verdict.ONLY_IF, reading=AMBIGUOUS, calculation=told)
    if judged.verdict is Verdict.CONSISTENT and (words := _find_circle(claim, answer, model)):
        words = f"{judged.calculation} {words}"
        return replace(judged, verdict=Verdict.CANNOT_TELL, calculation=words)
    return judged


def _find_circle(claim: Claim, answer: Answer, model: Model) -> str:
    """Why the model agrees with a claim by itself; empty where it does not."""
    if claim.text("grade") == "derived":
        return "The claim was reckoned from other rows, so that it agrees with them by itself."
    source = claim.text("source_id")
    if source and source in answer.set_from:
        return "The figure of the study was set from this very source, which proves nothing."
    if claim.claim_id in model.table("estimates")["claim_id"].to_list():
        return "A range of the study was taken from this very claim, which proves nothing."
    return ""


def _judge_answer(claim: Claim, answer: Answer) -> ClaimVerdict:
    """Verdict by the kind of answer: place, days, date or range."""
    dimension = claim.stated.dimension
    if dimension is Dimension.PLACE:
        return _judge_place(claim, answer)
    if dimension is Dimension.MONTH_DAYS:
        return _judge_days(claim, answer)
    if dimension is Dimension.DATE:
        return _judge_date(claim, answer)
    return _judge_range(claim, answer)


def _judge_days(claim: Claim, answer: Answer) -> ClaimVerdict:
    """Days of the month against those of the model, of which some come in some months only."""
    stated = set(claim.stated.days)
    is_same = stated == answer.days and not answer.some_days
    in_some = not is_same and stated <= answer.days | answer.some_days and stated & answer.some_days
    verdict, reading = (Verdict.CONSISTENT if is_same else Verdict.INCONSISTENT), ""
    tried = [f"as worded: {'fits' if is_same else 'does not fit'}"]
    if in_some:
        verdict, reading = Verdict.ONLY_IF, ONE_LENGTH
        tried.append(f"{ONE_LENGTH}: fits")
    return ClaimVerdict(
        verdict=verdict,
        reading=reading,
        calculation=f"Stated {claim.stated.text}. {answer.calculation}",
        model=answer.name,
        computed=", ".join(str(day) for day in sorted(answer.days | answer.some_days)),
        tried=tuple(tried),
    )


def _judge_place(claim: Claim, answer: Answer) -> ClaimVerdict:
    """A place against the points at which the coach changes trains."""
    is_same = fold_text(claim.stated.text) == fold_text(answer.text)
    verdict, reading = (Verdict.CONSISTENT if is_same else Verdict.INCONSISTENT), ""
    told, tried = answer.calculation, [f"as worded: {'fits' if is_same else 'does not fit'}"]
    if not is_same and _TRAIN_END in answer.others:
        verdict, reading = Verdict.ONLY_IF, "where the train begins or ends, not where it attaches"
        told += f" {claim.stated.text}: {answer.others[_TRAIN_END][2]}."
        tried.append(f"{reading}: fits")
    return ClaimVerdict(
        verdict=verdict,
        calculation=told,
        model=answer.name,
        computed=answer.text,
        reading=reading,
        tried=tuple(tried),
    )


def _judge_date(claim: Claim, answer: Answer) -> ClaimVerdict:
    """A date against the days between which it lies."""
    stated, found = claim.stated.period, answer.period
    if stated is None or found is None:
        return ClaimVerdict(
            verdict=Verdict.CANNOT_TELL, calculation=answer.calculation, model=answer.name
        )
    readings = {"as worded": found, **answer.other_periods}
    fits = {
        name: stated[0] <= period[1] and period[0] <= stated[1] for name, period in readings.items()
    }
    reading = next((name for name, is_fit in fits.items() if is_fit), "")
    verdict = Verdict.ONLY_IF if reading else Verdict.INCONSISTENT
    if reading == "as worded":
        verdict, reading = Verdict.CONSISTENT, ""
    words = " to ".join(dict.fromkeys(str(day) for day in stated))
    return ClaimVerdict(
        verdict=verdict,
        calculation=f"Stated {words}. {answer.calculation}",
        model=answer.name,
        computed=" to ".join(dict.fromkeys(str(day) for day in found)),
        reading=reading,
        tried=tuple(f"{name}: {'fits' if fit else 'does not fit'}" for name, fit in fits.items()),
    )


def _judge_range(claim: Claim, answer: Answer) -> ClaimVerdict:
    """A range of numbers against that of the model, as worded and in other readings."""
    stated = claim.stated
    ends = read_literally(stated)
    own = ClaimVerdict(
        verdict=Verdict.CANNOT_TELL,
        calculation=f"Stated {write_taken(claim, ends)}. {answer.calculation}",
        model=answer.name,
        computed=_write_answer(stated.dimension, answer),
    )
    if answer.low is None and answer.high is None:
        return own
    fit = compare_ranges(ends, answer.low, answer.best, answer.high)
    if answer.is_part or answer.is_bound:
        # A lower or upper bound can refute and never prove.
        return _judge_bound(claim, answer, own)
    if answer.holds_within and fit is Fit.TOUCHES:
        fit = Fit.HOLDS
    tried = [f"as worded: {_FIT_WORDS[fit]}"]
    if fit is Fit.HOLDS:
        others = [f"{name}: not needed" for name in answer.others]
        return replace(own, verdict=Verdict.CONSISTENT, tried=(*tried, *others))
    return _try_readings(claim, answer, own, fit, tried)


def _judge_bound(claim: Claim, answer: Answer, own: ClaimVerdict) -> ClaimVerdict:
    """A figure against a bound; what is beyond it as worded may lie within it as metres."""
    ends = read_literally(claim.stated)
    low, high = (answer.low, None) if answer.is_part else (None, answer.high)
    if compare_ranges(ends, low, None, high) is not Fit.FAILS:
        return replace(own, tried=("as worded: can be",))
    tried: tuple[str, ...] = ("as worded: cannot be",)
    if answer.is_bound and answer.high is not None:
        for name, scaled in list_scalings(claim.stated, answer.high, answer.high):
            if scaled[1] < ends[1] / GREAT_FACTOR and scaled[1] <= answer.high:
                told = f"it then means {write_range(claim.stated.dimension, *scaled)}, which can be"
                told = f"{own.calculation} Read as {name}: {told}."
                tried = (*tried, f"{name}: can be")
                only_if = Verdict.ONLY_IF
                return replace(own, verdict=only_if, reading=name, tried=tried, calculation=told)
    return replace(own, verdict=Verdict.INCONSISTENT, tried=tried)


_FIT_WORDS: Final = {
    Fit.HOLDS: "fits",
    Fit.TOUCHES: "within the range of what is not known alone",
    Fit.FAILS: "does not fit",
}


def _try_readings(
    claim: Claim, answer: Answer, own: ClaimVerdict, fit: Fit, tried: list[str]
) -> ClaimVerdict:
    """The first other reading that fits, else what the wording gives."""
    ends, found, words = read_literally(claim.stated), "", ""
    for name, (low, high, told) in answer.others.items():
        fits = compare_ranges(ends, low, (low + high) / 2, high) is Fit.HOLDS
        tried.append(f"{name}: {'fits' if fits else 'does not fit'} ({told})")
        if fits and not found:
            found, words = name, told
    if fit is Fit.FAILS and not found:
        for name, scaled in list_scalings(claim.stated, answer.low, answer.high):
            fits = compare_ranges(scaled, answer.low, answer.best, answer.high) is Fit.HOLDS
            tried.append(f"{name}: {'fits' if fits else 'does not fit'}")
            if fits and not found:
                found = name
                words = f"it then means {write_range(claim.stated.dimension, *scaled)}"
    verdict = Verdict.ONLY_IF if found else Verdict.CANNOT_TELL
    if not found and fit is Fit.FAILS and not (answer.is_example and _is_near(ends, answer)):
        verdict = Verdict.INCONSISTENT
    told = f" Read as {found}: {words}." if found else ""
    if verdict is Verdict.CANNOT_TELL and answer.is_example:
        told = " The claim may speak of another train or year than the study has."
    return replace(
        own,
        verdict=verdict,
        reading=found,
        tried=tuple(tried),
        calculation=own.calculation + told,
    )


FAR: Final = 2.0
"""Factor up to which another train or year may differ from those of the study [1]: assumed."""


def _is_near(ends: tuple[float, float], answer: Answer) -> bool:
    """Whether a figure is within a factor of the range of an example."""
    low, high = answer.low or 0.0, answer.high or 0.0
    return ends[0] <= FAR * high and ends[1] >= low / FAR


def _write_answer(dimension: Dimension, answer: Answer) -> str:
    """What the model gives, in words."""
    if answer.low is None and answer.high is None:
        return "" if answer.best is None else write_range(dimension, answer.best, answer.best)
    low = answer.low if answer.low is not None else -float("inf")
    high = answer.high if answer.high is not None else float("inf")
    return write_range(dimension, low, high, answer.best)


def _join_statements(
    own: ClaimVerdict,
    kind: QuantityKind | None,
    statements: Sequence[Mapping[str, object]],
    stated: str,
) -> ClaimVerdict:
    """Verdict of the claim together with those of the published rows that cite it."""
    same = _SAME_QUANTITY.get(kind.name if kind else "", frozenset[str]())
    judged = [(row, *_OF_STATEMENT[str(row["verdict"])]) for row in statements]
    told = " ".join(f"{row['statement_id']}: {row['calculation']}" for row, *_ in judged)
    has_model = own.verdict is not Verdict.NO_MODEL
    joined = replace(
        own,
        verdict=own.verdict if has_model else Verdict.CANNOT_TELL,
        statements=tuple(str(row["statement_id"]) for row in statements),
        calculation=f"{told} {own.calculation if has_model else ''}".strip(),
    )
    refuting = [one for one in judged if one[1] is Verdict.INCONSISTENT]
    if refuting:
        # What else the claim can mean is told; the row as published is contradicted all the same.
        verdict = Verdict.ONLY_IF if own.verdict is Verdict.ONLY_IF else Verdict.INCONSISTENT
        return replace(joined, verdict=verdict, computed=str(refuting[0][0]["computed"]))
    of_same = [one for one in judged if kind is None or str(one[0]["kind"]) in same]
    if not of_same:
        return joined
    row, verdict, reading = min(of_same, key=lambda one: _GRAVEST.index(one[1]))
    if verdict is Verdict.CONSISTENT and own.verdict is Verdict.CANNOT_TELL and own.tried:
        return joined
    if reading == AMBIGUOUS and own.verdict is Verdict.CONSISTENT:
        # Of two meanings the one that the claim states is the calendar's.
        reading = f"{stated}, {AMBIGUOUS}"
    if verdict is own.verdict and own.computed:
        return replace(joined, reading=reading or own.reading)
    return replace(
        joined,
        verdict=verdict,
        reading=reading,
        computed=str(row["computed"]),
        model=str(row["kind"]).replace("_", " "),
    )
