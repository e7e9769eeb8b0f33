"""What a capacity figure takes on trust: intervals, allowances, windows, reserves.

Main class: :class:`CapacityNorms`; :func:`list_norms` lists them with range, reason and source.
"""

from dataclasses import dataclass, field, fields
from typing import Final

import polars as pl

from arterial.capacity.meets import MeetScheme, MeetTimes
from arterial.capacity.value_range import ValueRange

__all__ = ["CapacityNorms", "list_norms"]

COURSE_WORK: Final = "worked examples, tlookup.ru/wocs-1042-1 and wocs-1044-1, ukrbukva.net/18916"
RECALLED: Final = "recalled"


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
