"""What a planner asks for one more train, from the words of a command.

Main function: :func:`read_wish`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypedDict

from arterial.errors import Fault, UsageError
from arterial.study import load_schema, split_list
from arterial.units import DAY_S, MINUTE_S

__all__ = ["SpecialWish", "WishOptions", "read_wish"]

CATEGORIES: Final = ("passenger", "freight")
GAUGE_CHANGES: Final = ("none", "bogie_exchange", "variable_gauge")


class WishOptions(TypedDict, total=False):
    """Options of a wish as a command has them; lists with semicolons."""

    category: str | None
    train: str | None
    formation: str | None
    gauge: str | None
    gauge_change: str | None
    systems: str | None
    length_m: float | None
    margin_min: float


@dataclass(frozen=True, slots=True)
class SpecialWish:
    """What a planner asks for.

    Parameters
    ----------
    from_point, to_point : str
        Ids or names of the points between which the train runs.
    day : date
        Local day of departure at `from_point`.
    earliest, latest : str
        Local clock times between which it may leave; the latest on the next day where it is before
        the earliest.
    category : str or None
        ``passenger`` or ``freight``; None = as `train_id`, else passenger.
    stops : mapping of str to float
        Points at which it stops, and for how long [min].
    train_id : str or None
        Train of the study that it is like: vehicles, category and highest speed.
    formation_id : str or None
        Its vehicles.
    gauges_mm : tuple of int
        Gauges that it can run on; empty = as its vehicles, else any [mm].
    gauge_change : str or None
        ``none``, ``bogie_exchange`` or ``variable_gauge``; None = as its vehicles, else any.
    systems : tuple of str
        Contact lines that its own traction can use, ``none`` = a diesel; empty = as its vehicles,
        else it is hauled as the study assigns locomotives.
    length_m : float or None
        Length of the train; None = as its vehicles, else no loop is too short for it [m].
    margin_min : float
        Margin towards other trains, beside the line's intervals [min].
    flows : str
        ``low``, ``best`` or ``high``: how many other trains there are.
    count : int
        How many departures at most.
    """

    from_point: str
    to_point: str
    day: date
    earliest: str = "00:00"
    latest: str = "23:59"
    category: str | None = None
    stops: Mapping[str, float] = field(default_factory=dict)
    train_id: str | None = None
    formation_id: str | None = None
    gauges_mm: tuple[int, ...] = ()
    gauge_change: str | None = None
    systems: tuple[str, ...] = ()
    length_m: float | None = None
    margin_min: float = 0.0
    flows: str = "best"
    count: int = 3


def read_wish(
    points: Sequence[str], day: date, *, window: str, options: WishOptions | None = None
) -> SpecialWish:
    """A wish from its short forms.

    Parameters
    ----------
    points : sequence of str
        Where it begins, each stop as ``POINT:MINUTES``, and where it ends.
    day : date
        Local day of departure.
    window : str
        ``HH:MM-HH:MM``.
    options : WishOptions, optional
        Of the train, and the margin; text as a command has it.

    Returns
    -------
    SpecialWish
        The wish.

    Raises
    ------
    LimitError
        Naming everything that cannot be read.

    Examples
    --------
    >>> read_wish(("A", "C:5", "B"), date(2026, 1, 5), window="06:00-12:00").stops
    {'C': 5.0}
    """
    options = options or {}
    faults = []
    if len(points) < len(("from", "to")):
        faults.append(Fault("A train needs two points.", "Name where it begins and ends."))
    # The end of a day is written 24:00 too.
    clocks = re.fullmatch(
        r"([01]\d:[0-5]\d|2[0-3]:[0-5]\d)-([01]\d:[0-5]\d|2[0-3]:[0-5]\d)",
        window.replace("-24:00", "-23:59"),
    )
    if clocks is None:
        faults.append(Fault(f"{window!r} is no window.", "Write HH:MM-HH:MM: 06:00-12:00."))
    faults += _check_train(options)
    matches = {text: re.fullmatch(r"(.+):(\d+(?:\.\d+)?)", text) for text in points[1:-1]}
    faults += [
        Fault(f"{text!r} is no stop.", "Write POINT:MINUTES: Hamhung:10.")
        for text, match in matches.items()
        if match is None
    ]
    faults += [
        Fault(
            f"A stop of {match.group(2)} min is longer than a day.",
            f"State at most {DAY_S / MINUTE_S:.0f} min, or ask for a train from there on that day.",
        )
        for match in matches.values()
        if match and float(match.group(2)) * MINUTE_S > DAY_S
    ]
    if faults or clocks is None:
        message = "What is asked for cannot be read."
        raise UsageError(message, faults)
    return SpecialWish(
        from_point=points[0],
        to_point=points[-1],
        day=day,
        earliest=clocks.group(1),
        latest=clocks.group(2),
        category=options.get("category"),
        stops={match.group(1): float(match.group(2)) for match in matches.values() if match},
        train_id=options.get("train"),
        formation_id=options.get("formation"),
        gauges_mm=tuple(int(text) for text in split_list(options.get("gauge"))),
        gauge_change=options.get("gauge_change"),
        systems=split_list(options.get("systems")),
        length_m=options.get("length_m"),
        margin_min=options.get("margin_min", 0.0),
    )


def _check_train(options: WishOptions) -> Iterator[Fault]:
    """What cannot be read of the train that is asked for."""
    category, change = options.get("category"), options.get("gauge_change")
    if category not in {None, *CATEGORIES}:
        yield Fault(f"{category!r} is no category.", f"Use {' or '.join(CATEGORIES)}.")
    if change not in {None, *GAUGE_CHANGES}:
        yield Fault(f"{change!r} is no change of gauge.", f"Use {' or '.join(GAUGE_CHANGES)}.")
    for text in split_list(options.get("gauge")):
        if not re.fullmatch(r"\d{3,4}", text):
            yield Fault(f"{text!r} is no gauge in mm.", "Write 1435, or 1435;1520.")
    known = load_schema("vehicle_types").attribute("electrification").allowed
    for text in split_list(options.get("systems")):
        if text not in known:
            yield Fault(
                f"{text!r} is no contact line.", f"Use {', '.join(known)}; none = a diesel."
            )
