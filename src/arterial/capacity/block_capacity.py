"""What one stretch between passing points can carry a day, with its range and its formula.

Main functions: :func:`calculate_capacity` and :func:`list_norms`, which lists what a figure takes
on trust (:class:`CapacityNorms`: intervals, allowances, windows, reserves) with range and reason.
"""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

import polars as pl

from arterial.capacity.blocks import Block
from arterial.capacity.meets import MeetScheme, MeetTimes, section_period_min
from arterial.capacity.pairs import DAY_MIN, pairs_per_day
from arterial.capacity.step_times import BlockTimes
from arterial.errors import LimitError
from arterial.units import MINUTE_S

__all__ = [
    "BlockCapacity",
    "CapacityNorms",
    "Method",
    "ValueRange",
    "calculate_capacity",
    "list_norms",
]

AUTOMATIC: Final = "automatic"
SEMI_AUTOMATIC: Final = "semi-automatic"
COURSE_WORK: Final = "worked examples, tlookup.ru/wocs-1042-1 and wocs-1044-1, ukrbukva.net/18916"
RECALLED: Final = "recalled"

_REASONS: Final = {
    "scheme": (
        "both trains stop: the planning form, the longest of the usual ones as a rule",
        RECALLED,
    ),
    "arrival_interval_min": ("semi-automatic block", COURSE_WORK),
    "crossing_interval_min": ("semi-automatic block", COURSE_WORK),
    "start_min": ("freight train", COURSE_WORK),
    "stop_min": ("freight train", COURSE_WORK),
    "following_interval_min": ("semi-automatic block", COURSE_WORK),
    "automatic_interval_min": ("9 min there, 10 to 16 at transportway.ru/drives-27-1", COURSE_WORK),
    "single_window_min": ("usual window", RECALLED),
    "double_window_min": ("120 min in a worked example", RECALLED),
    "reliability": ("0.95 in a worked example; lower where current fails", RECALLED),
    "passenger_removal": ("1.0 to 1.6", COURSE_WORK),
    "single_reserve": ("0.85; 0.87 in one example", COURSE_WORK),
    "double_reserve": ("0.91", COURSE_WORK),
    "longest_block_km": ("passing points lie some 6 to 20 km apart", RECALLED),
}


class Method(StrEnum):
    """Formula by which a stretch is measured."""

    SINGLE_LINE = "single_line_period"
    """One pair of opposing trains at a time."""
    FOLLOWING = "following_trains"
    """One train at a time on each of two tracks."""
    AUTOMATIC = "automatic_block"
    """Several trains on each track, at an interval."""


@dataclass(frozen=True, slots=True)
class ValueRange:
    """A value that is known as a range.

    Parameters
    ----------
    low, best, high : float
        Lowest, most likely and highest, in the unit that the name of the value states.

    Raises
    ------
    LimitError
        If they are not in order.

    Examples
    --------
    >>> ValueRange(1, 2, 4).add(ValueRange.exactly(10)).high
    14
    """

    low: float
    best: float
    high: float

    def __post_init__(self) -> None:
        """Refuse ranges that are not in order."""
        if not self.low <= self.best <= self.high:
            message = (
                f"A range must rise from low to high, not {self.low}, {self.best}, {self.high}."
            )
            raise LimitError(message)

    @classmethod
    def exactly(cls, value: float) -> "ValueRange":
        """Return the range of a value that is known."""
        return cls(value, value, value)

    def add(self, other: "ValueRange") -> "ValueRange":
        """Return the sum; the ends are added as if both erred alike."""
        return ValueRange(self.low + other.low, self.best + other.best, self.high + other.high)

    def scale(self, factor: float) -> "ValueRange":
        """Return the range with each end multiplied by a factor that is not negative."""
        return ValueRange(self.low * factor, self.best * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class BlockCapacity:
    """What a stretch can carry.

    Parameters
    ----------
    method : Method
        Formula used.
    period_min : ValueRange or None
        Time for a pair; None = running time unknown [min].
    pairs_per_day : ValueRange or None
        Pairs a day, or on two tracks trains a day each way.
    formula : str or None
        The calculation of the best values.
    """

    method: Method
    period_min: ValueRange | None
    pairs_per_day: ValueRange | None
    formula: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityNorms:
    """Values of the period method where the study states none.

    Parameters
    ----------
    scheme : MeetScheme
        Meets at the ends of a single-track section.
    arrival_interval_min, crossing_interval_min : ValueRange
        Interval of non-simultaneous arrival and crossing interval [min].
    start_min, stop_min : ValueRange
        Time lost by starting and by stopping [min].
    following_interval_min : ValueRange
        Between a train's arrival and the next train's departure into the same track [min].
    automatic_interval_min : ValueRange
        Between trains under automatic block [min].
    single_window_min, double_window_min : ValueRange
        Maintenance window a day on single and on double track [min].
    reliability : ValueRange
        Share of the rest of the day in which everything works [1].
    passenger_removal : ValueRange
        Freight pairs that a passenger pair takes [1].
    single_reserve, double_reserve : float
        Share of the capacity that may be used on single and on double track [1].
    longest_block_km : float
        Longest distance without a passing point that is believed [km]; behind it the study is
        taken to lack points.
    """

    scheme: MeetScheme = MeetScheme.BOTH_STOP
    arrival_interval_min: ValueRange = field(default=ValueRange(3, 5, 5))
    crossing_interval_min: ValueRange = field(default=ValueRange(1, 2, 2))
    start_min: ValueRange = field(default=ValueRange(1, 2, 2))
    stop_min: ValueRange = field(default=ValueRange(1, 1, 1))
    following_interval_min: ValueRange = field(default=ValueRange(3, 4, 4))
    automatic_interval_min: ValueRange = field(default=ValueRange(9, 9, 16))
    single_window_min: ValueRange = field(default=ValueRange(60, 75, 75))
    double_window_min: ValueRange = field(default=ValueRange(120, 120, 150))
    reliability: ValueRange = field(default=ValueRange(0.85, 0.9, 0.94))
    passenger_removal: ValueRange = field(default=ValueRange(1.0, 1.2, 1.6))
    single_reserve: float = 0.85
    double_reserve: float = 0.91
    longest_block_km: float = 30.0

    def read_meet_times(self, case: str) -> MeetTimes:
        """Intervals and allowances of a meet in the case ``low``, ``best`` or ``high``."""
        return MeetTimes(
            arrival_interval_min=getattr(self.arrival_interval_min, case),
            crossing_interval_min=getattr(self.crossing_interval_min, case),
            start_min=getattr(self.start_min, case),
            stop_min=getattr(self.stop_min, case),
        )


def calculate_capacity(
    block: Block, times: BlockTimes, norms: CapacityNorms, *, signalling: str | None = None
) -> BlockCapacity:
    """Pairs of trains a day over a stretch between passing points.

    Parameters
    ----------
    block : Block
        The stretch; an unknown number of tracks counts as one.
    times : BlockTimes
        Running times over it.
    norms : CapacityNorms
        Intervals, window, reliability.
    signalling : str, optional
        Block system as the study words it; automatic block where it begins with ``automatic``
        and does not name a semi-automatic one too.

    Returns
    -------
    BlockCapacity
        Low pairs go with the high period, the long window and the low reliability.

    Notes
    -----
    More than two tracks count as two. A semi-automatic block and an unknown one are alike.
    """
    method = _choose_method(block, signalling)
    period = _find_period(method, times, norms)
    if period is None:
        return BlockCapacity(method, None, None, None)
    single = method is Method.SINGLE_LINE
    window = norms.single_window_min if single else norms.double_window_min
    alpha = norms.reliability
    pairs = ValueRange(
        pairs_per_day(period.high, window_min=window.high, reliability=alpha.low),
        pairs_per_day(period.best, window_min=window.best, reliability=alpha.best),
        pairs_per_day(period.low, window_min=window.low, reliability=alpha.high),
    )
    formula = (
        f"{_describe_period(method, times, norms)} = {period.best:.1f} min; "
        f"N = ({DAY_MIN} - {window.best:g}) x {alpha.best:g} / {period.best:.1f} = {pairs.best:.1f}"
    )
    return BlockCapacity(method, period, pairs, formula)


def list_norms(norms: CapacityNorms) -> pl.DataFrame:
    """Every norm with its value, range, reason and source.

    Parameters
    ----------
    norms : CapacityNorms
        The norms that were used.

    Returns
    -------
    polars.DataFrame
        ``name``, ``value``, ``range``, ``reason``, ``source``, ``is_default``; one row a norm.

    Examples
    --------
    >>> list_norms(CapacityNorms()).filter(pl.col("name") == "single_window_min").row(0)[:3]
    ('single_window_min', '75', '60 to 75')
    """
    usual = CapacityNorms()
    rows = []
    for norm in fields(norms):
        value = getattr(norms, norm.name)
        is_range = isinstance(value, ValueRange)
        reason, source = _REASONS[norm.name]
        rows.append(
            {
                "name": norm.name,
                "value": f"{value.best:g}" if is_range else str(value),
                "range": f"{value.low:g} to {value.high:g}" if is_range else None,
                "reason": reason,
                "source": source,
                "is_default": value == getattr(usual, norm.name),
            }
        )
    return pl.DataFrame(rows, schema_overrides={"range": pl.String})


def _choose_method(block: Block, signalling: str | None) -> Method:
    is_one_way = all(step.section.direction != "both" for step in block.steps)
    if (block.tracks_count is None or block.tracks_count == 1) and not is_one_way:
        return Method.SINGLE_LINE
    words = (signalling or "").lower()
    # Where both are named the slower one governs.
    is_automatic = words.startswith(AUTOMATIC) and SEMI_AUTOMATIC not in words
    return Method.AUTOMATIC if is_automatic else Method.FOLLOWING


def _find_period(method: Method, times: BlockTimes, norms: CapacityNorms) -> ValueRange | None:
    if method is Method.AUTOMATIC:
        return norms.automatic_interval_min
    if times.up is None or times.down is None:
        return None
    up = ValueRange(times.up.low_s, times.up.best_s, times.up.high_s).scale(1 / MINUTE_S)
    down = ValueRange(times.down.low_s, times.down.best_s, times.down.high_s).scale(1 / MINUTE_S)
    if method is Method.FOLLOWING:
        slower = ValueRange(max(up.low, down.low), max(up.best, down.best), max(up.high, down.high))
        return slower.add(norms.following_interval_min)
    periods = [
        section_period_min(
            getattr(up, case), getattr(down, case), norms.scheme, norms.read_meet_times(case)
        )
        for case in ("low", "best", "high")
    ]
    return ValueRange(*periods)


def _describe_period(method: Method, times: BlockTimes, norms: CapacityNorms) -> str:
    if method is Method.AUTOMATIC or times.up is None or times.down is None:
        return "I"
    up, down = times.up.best_s / MINUTE_S, times.down.best_s / MINUTE_S
    if method is Method.FOLLOWING:
        return f"T = {max(up, down):.1f} + {norms.following_interval_min.best:g}"
    meet, ends = norms.read_meet_times("best"), norms.scheme.ends
    return (
        f"T ({norms.scheme.value}) = {up:.1f} + {down:.1f} + "
        f"{meet.at_end(ends.near):g} + {meet.at_end(ends.far):g}"
    )
