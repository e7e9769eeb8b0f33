"""The arithmetic of a reported work in sentences that can be checked with a pencil.

Main function: `describe`, for a `Estimate`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from arterial.campaign.reported.needs import Need, WorthOfChoice
from arterial.study.estimates import Range

__all__ = ["Estimate", "describe"]

_DIGITS: Final = 3
_EXACT_BELOW: Final = 1_000_000
_WHOLE_FROM: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One reading of one report with what was counted for it.

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


def describe(estimate: Estimate, worth: WorthOfChoice | None) -> str:
    """The arithmetic of a reading.

    Parameters
    ----------
    estimate : Estimate
        What was estimate.
    worth : WorthOfChoice or None
        Worth of the choice of assets, where known.
    """
    return " ".join(
        [
            *_describe_share(estimate),
            *_describe_wear(estimate),
            *_describe_labour(estimate),
            *_describe_materials(estimate),
            *_describe_pace(estimate),
            *_describe_worth(worth),
        ]
    )


def _describe_share(estimate: Estimate) -> Iterator[str]:
    if estimate.stock is None or estimate.share is None:
        count = _number(estimate.quantity.best)
        yield f"{count} in {estimate.days} days; how many there are is not known."
        return
    share = estimate.share
    yield (
        f"{_number(estimate.quantity.best)} of {_spread(estimate.stock)} in {estimate.days} days"
        f" are {share.best:.0%} ({share.low:.0%} to {share.high:.0%})."
    )


def _describe_wear(estimate: Estimate) -> Iterator[str]:
    if estimate.failures is None or estimate.rate is None or estimate.stock is None:
        yield "What wear asks for is not known."
        return
    yield (
        f"Wear alone asks for {_spread(estimate.failures)} repairs in that time:"
        f" {_spread(estimate.rate)} failures a year each."
    )
    known = estimate.published_rate
    if known is not None and known != estimate.rate.best:
        expected = known * estimate.stock.best * estimate.years
        yield f"At the published {known:g} a year it would be {_number(expected)}."


def _describe_labour(estimate: Estimate) -> Iterator[str]:
    labour = estimate.labour
    if labour is None or estimate.workers is None:
        yield "No work of this kind states its man-hours."
        return
    each = labour.need.best / estimate.quantity.best if estimate.quantity.best else 0.0
    yield (
        f"At {_number(each)} man-hours each it takes {_spread(labour.need)}:"
        f" {_number(estimate.workers)} workers for that time."
    )
    if labour.there is not None:
        verb = "too few even at the far ends" if labour.is_short else "were they to do nothing else"
        yield f"All gangs have {_spread(labour.there)}, {verb}{_assumed(labour)}."


def _describe_materials(estimate: Estimate) -> Iterator[str]:
    for need in estimate.materials:
        if need.there is None:
            yield f"It takes {_spread(need.need)} of {need.name}; what there is is not known."
            continue
        short = ", too few even at the far ends" if need.is_short else ""
        yield (
            f"It takes {_spread(need.need)} of {need.name}; store and supply give"
            f" {_spread(need.there)}{short}{_assumed(need)}."
        )


def _describe_pace(estimate: Estimate) -> Iterator[str]:
    # A repair renews nothing, so it has no pace.
    if estimate.pace:
        yield (
            f"That renews at no less than {_number(estimate.pace)} times the usual pace of one"
            f" life in {_number(estimate.usual_life_y or 0.0)} years (assumed)."
        )


def _describe_worth(worth: WorthOfChoice | None) -> Iterator[str]:
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
