"""The arithmetic of a reported work in sentences that can be checked with a pencil.

Main function: `describe`, for a `Reckoning`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from arterial.campaign.reported.needs import Need
from arterial.campaign.reported.worth import WorthOfChoice
from arterial.study.estimates import Range

__all__ = ["Reckoning", "describe"]

_DIGITS: Final = 3
_EXACT_BELOW: Final = 1_000_000
_WHOLE_FROM: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One reading of one report with what was reckoned for it.

    Parameters
    ----------
    report : mapping of str to object
        Row of ``reported_works``.
    shares : mapping of str to float
        Share of each action.
    quantity : Range
        Reported number.
    stock : Range or None
        All such assets.
    days, years : float
        Span of time [d, y].
    rate : Range or None
        Failures of a unit or kilometre in a year [1/y].
    published_rate : float or None
        The same as published elsewhere [1/y].
    failures : Range or None
        Failures of the whole stock in that time.
    labour : Need or None
        Man-hours.
    workers : float or None
        Workers for that time, full-time.
    materials : tuple of Need
        Materials.
    age_left : mapping of str to float
        Share of its age that an asset keeps, by action.
    usual_life_y : float or None
        Years after which such an asset is usually renewed [y].
    """

    report: Mapping[str, Any]
    shares: Mapping[str, float]
    quantity: Range
    stock: Range | None
    days: float
    years: float
    rate: Range | None
    published_rate: float | None
    failures: Range | None
    labour: Need | None
    workers: float | None
    materials: tuple[Need, ...]
    age_left: Mapping[str, float]
    usual_life_y: float | None

    @property
    def reading(self) -> str:
        """The action, or the actions with their shares."""
        if len(self.shares) == 1:
            return next(iter(self.shares))
        return ", ".join(f"{action} {share:.0%}" for action, share in self.shares.items())

    @property
    def share(self) -> Range | None:
        """Share of the stock; the least number of the greatest stock, and the other way round."""
        if self.stock is None or not self.stock.low:
            return None
        return Range(
            self.quantity.low / self.stock.high,
            self.quantity.best / self.stock.best,
            self.quantity.high / self.stock.low,
        )

    @property
    def pace(self) -> float | None:
        """Least pace of renewals over the usual one; a refurbishment counts by what it restores."""
        if self.share is None or self.usual_life_y is None or set(self.shares) - set(self.age_left):
            return None
        restored = sum(share * (1 - self.age_left[action]) for action, share in self.shares.items())
        return self.share.low * restored / self.years * self.usual_life_y


def describe(reckoned: Reckoning, worth: WorthOfChoice | None) -> str:
    """The arithmetic of a reading.

    Parameters
    ----------
    reckoned : Reckoning
        What was reckoned.
    worth : WorthOfChoice or None
        Worth of the choice of assets, where known.
    """
    return " ".join(
        [
            *_tell_share(reckoned),
            *_tell_wear(reckoned),
            *_tell_labour(reckoned),
            *_tell_materials(reckoned),
            *_tell_pace(reckoned),
            *_tell_worth(worth),
        ]
    )


def _tell_share(reckoned: Reckoning) -> Iterator[str]:
    if reckoned.stock is None or reckoned.share is None:
        count = _number(reckoned.quantity.best)
        yield f"{count} in {reckoned.days} days; how many there are is not known."
        return
    share = reckoned.share
    yield (
        f"{_number(reckoned.quantity.best)} of {_spread(reckoned.stock)} in {reckoned.days} days"
        f" are {share.best:.0%} ({share.low:.0%} to {share.high:.0%})."
    )


def _tell_wear(reckoned: Reckoning) -> Iterator[str]:
    if reckoned.failures is None or reckoned.rate is None or reckoned.stock is None:
        yield "What wear asks for is not known."
        return
    yield (
        f"Wear alone asks for {_spread(reckoned.failures)} repairs in that time:"
        f" {_spread(reckoned.rate)} failures a year each."
    )
    known = reckoned.published_rate
    if known is not None and known != reckoned.rate.best:
        expected = known * reckoned.stock.best * reckoned.years
        yield f"At the published {known:g} a year it would be {_number(expected)}."


def _tell_labour(reckoned: Reckoning) -> Iterator[str]:
    labour = reckoned.labour
    if labour is None or reckoned.workers is None:
        yield "No work of this kind states its man-hours."
        return
    each = labour.need.best / reckoned.quantity.best if reckoned.quantity.best else 0.0
    yield (
        f"At {_number(each)} man-hours each it takes {_spread(labour.need)}:"
        f" {_number(reckoned.workers)} workers for that time."
    )
    if labour.there is not None:
        verb = "too few even at the far ends" if labour.is_short else "were they to do nothing else"
        yield f"All gangs have {_spread(labour.there)}, {verb}{_assumed(labour)}."


def _tell_materials(reckoned: Reckoning) -> Iterator[str]:
    for need in reckoned.materials:
        if need.there is None:
            yield f"It takes {_spread(need.need)} of {need.name}; what there is is not known."
            continue
        short = ", too few even at the far ends" if need.is_short else ""
        yield (
            f"It takes {_spread(need.need)} of {need.name}; store and supply give"
            f" {_spread(need.there)}{short}{_assumed(need)}."
        )


def _tell_pace(reckoned: Reckoning) -> Iterator[str]:
    # A repair renews nothing, so it has no pace.
    if reckoned.pace:
        yield (
            f"That renews at no less than {_number(reckoned.pace)} times the usual pace of one"
            f" life in {_number(reckoned.usual_life_y or 0.0)} years (assumed)."
        )


def _tell_worth(worth: WorthOfChoice | None) -> Iterator[str]:
    if worth is not None:
        yield (
            f"On the lines of the study that is {_number(worth.count)} assets, worth"
            f" {_number(worth.well_h)} train-hours a year if chosen well,"
            f" {_number(worth.random_h)} at random and {_number(worth.badly_h)} if chosen badly."
        )


def _assumed(need: Need) -> str:
    return "" if need.is_firm else " (assumed)"


def _spread(one: Range) -> str:
    """Number with its range, where it has one."""
    if one.low == one.high:
        return _number(one.best)
    return f"{_number(one.best)} ({_number(one.low)} to {_number(one.high)})"


def _number(value: float) -> str:
    """Three digits are enough to check by hand; whole numbers below a million stay whole."""
    if float(value).is_integer() and abs(value) < _EXACT_BELOW:
        return f"{value:,.0f}"
    rounded = float(f"{value:.{_DIGITS}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= _WHOLE_FROM else f"{rounded:g}"
